import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { drawChart } from './chart.mjs'

const folder = new URL('../results/', import.meta.url)
const page = fileURLToPath(new URL('../../docs/benchmarks.md', import.meta.url))

/** A ratio may be so much worse in another run before that counts: machines are noisy. */
const tolerance = 1.25

const fileOf = name => fileURLToPath(new URL(`${name}.json`, folder))

/** What a benchmark came to when its results were last written. */
export function readResult(name) {
  return existsSync(fileOf(name)) ? JSON.parse(readFileSync(fileOf(name), 'utf8')) : undefined
}

/** Keeps what a benchmark came to, with what it was run on; each of its charts in a file of its own. */
export function writeResult(name, { charts, ...record }) {
  mkdirSync(folder, { recursive: true })
  const run = {
    command: `npm run bench -- ${name} --write`,
    node: process.version,
    cores: availableParallelism(),
    cpu: cpus()[0]?.model.trim(),
    date: new Date().toISOString().slice(0, 10),
  }
  for (const { name: part, chart } of charts) {
    writeFileSync(new URL(part === undefined ? `${name}.svg` : `${name}-${part}.svg`, folder), drawChart(chart))
  }
  writeFileSync(fileOf(name), `${JSON.stringify({ run, ...record }, null, 2)}\n`)
}

/** The ratios that have become worse than what is stated, and than their goals. */
export function worsened(name, { figures }) {
  const stated = readResult(name)?.figures ?? []
  return figures.filter(({ title, what, value, goal, unit }) => {
    const before = stated.find(figure => figure.what === what && figure.title === title)
    return unit === '×' && before !== undefined && value > Math.max(goal, before.value * tolerance)
  })
}

/** The figures as docs/benchmarks.md states them, below the title of the table that they are of. */
function figuresTable(names) {
  const figures = names.flatMap(name => readResult(name)?.figures ?? [])
  const rows = figures.flatMap(({ title, what, value, goal, unit }, n) => {
    const measured = `${value.toLocaleString('en')}${unit}`
    const row = `| ${what} | ${goal.toLocaleString('en')}${unit} | ${value <= goal ? measured : `**${measured}**`} |`
    return figures[n - 1]?.title === title ? [row] : [`| _${title}_ | | |`, row]
  })
  return ['| figure | goal, at most | measured |', '|---|---|---|', ...rows].join('\n')
}

/** What each entry adds to a bundle, as docs/benchmarks.md states it. */
function sizesTable() {
  const { rows } = readResult('size').tables.find(({ title }) => title.startsWith('Each entry'))
  return ['| import | kB |', '|---|---|', ...rows.map(({ what, kB }) => `| \`${what}\` | ${kB} |`)].join('\n')
}

/** Puts the figures into docs/benchmarks.md. A test compares the README's own with them. */
export function stateFigures(names) {
  const text = [
    ['figures', figuresTable(names)],
    ['sizes', sizesTable()],
  ].reduce(replaced, readFileSync(page, 'utf8'))
  writeFileSync(page, text)
}

/** The page with another table between the comments of that name. */
function replaced(text, [name, table]) {
  const [from, to] = [`<!-- ${name}: written by npm run bench -- --write -->`, `<!-- end of ${name} -->`]
  const [before, rest] = text.split(from)
  const after = rest?.split(to)[1]
  if (after === undefined) throw new Error(`docs/benchmarks.md has no place for ${name}: ${from} … ${to}`)
  return `${before}${from}\n\n${table}\n\n${to}${after}`
}
