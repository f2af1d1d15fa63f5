import { writeFileSync } from 'node:fs'

/** Everything that is shown, for `run.mjs`, which says where it wants it. */
const record = { tables: [], figures: [], charts: [] }
if (process.env.BENCH_RECORD !== undefined) {
  process.on('exit', () => writeFileSync(process.env.BENCH_RECORD, JSON.stringify(record)))
}

/**
 * Prints the rows of one benchmark.
 *
 * @param {string} title
 * @param {object[]} rows The first column names the row.
 * @param {object} [chart] Draws a column as bars, too.
 * @param {string} chart.of The column.
 * @param {boolean} [chart.log]
 * @param {string} [chart.note]
 */
export function showTable(title, rows, chart) {
  record.tables.push({ title, rows })
  if (chart !== undefined) showChart(undefined, barsOf(title, rows, chart))
  console.log(`\n${title}`)
  const columns = Object.keys(rows[0] ?? {})
  const widths = columns.map(column => Math.max(column.length, ...rows.map(row => String(row[column]).length)))
  const line = cells =>
    `  ${cells.map((cell, n) => (n === 0 ? String(cell).padEnd(widths[n]) : String(cell).padStart(widths[n]))).join('  ')}`
  console.log(line(columns))
  for (const row of rows) console.log(line(columns.map(column => row[column])))
}

/** Hands over a chart, as `chart.mjs` takes it, for `results/`; without a name it is the benchmark's only one. */
export function showChart(name, chart) {
  record.charts.push({ name, chart })
}

function barsOf(title, rows, { of, log = false, note }) {
  const [what] = Object.keys(rows[0])
  const bars = rows.map(row => ({ name: String(row[what]), value: row[of], label: row[of].toLocaleString('en') }))
  const lowest = Math.min(...bars.map(({ value }) => value).filter(value => value > 0))
  // A bar of a logarithmic axis begins at a power of ten below the shortest.
  const x = log ? { name: of, log, min: 10 ** (Math.ceil(Math.log10(lowest)) - 1) } : { name: of, min: 0 }
  return { title, note, x, bars }
}

/** Prints a figure beside its goal. A miss ends the process with 3, which `run.mjs --check` takes for a failure. */
export function showFigure(what, value, goal, unit = '') {
  const met = value <= goal
  if (!met) process.exitCode = 3
  const { title = '' } = record.tables.at(-1) ?? {}
  record.figures.push({ title, what, value: round(value), goal, unit })
  console.log(`  ${met ? 'met   ' : 'MISSED'}  ${what}: ${round(value)}${unit} (goal: at most ${goal}${unit})`)
}

export function round(value) {
  return Number(value.toPrecision(3))
}

export function median(values) {
  return percentile(values, 0.5)
}

export function percentile(values, part) {
  return [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))]
}

/** The median of the ratios within each turn: what slows a whole turn down slows both alike. */
export function medianRatio(values, bases) {
  return median(values.map((value, turn) => value / bases[turn]))
}

/** Calls each in turn, in another order each time, and gathers what they resolve with by their names. */
export async function interleave(turns, functions) {
  const names = Object.keys(functions)
  const results = Object.fromEntries(names.map(name => [name, []]))
  for (let turn = 0; turn < turns; turn += 1) {
    const first = turn % names.length
    for (const name of [...names.slice(first), ...names.slice(0, first)]) results[name].push(await functions[name]())
  }
  return results
}
