import { writeFileSync } from 'node:fs'

/** Everything that is shown, for `run.mjs`, which says where it wants it. */
const record = { tables: [], figures: [], charts: [] }
if (process.env.BENCH_RECORD !== undefined) {
  process.on('exit', () => writeFileSync(process.env.BENCH_RECORD, JSON.stringify(record)))
}

/** Prints the rows of one benchmark. */
export function showTable(title, rows) {
  record.tables.push({ title, rows })
  console.log(`\n${title}`)
  const columns = Object.keys(rows[0] ?? {})
  const widths = columns.map(column => Math.max(column.length, ...rows.map(row => String(row[column]).length)))
  const line = cells =>
    `  ${cells.map((cell, n) => (n === 0 ? String(cell).padEnd(widths[n]) : String(cell).padStart(widths[n]))).join('  ')}`
  console.log(line(columns))
  for (const row of rows) console.log(line(columns.map(column => row[column])))
}

/** Hands over a chart, an SVG of `chart.mjs`, for `results/`. */
export function showChart(name, svg) {
  record.charts.push({ name, svg })
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
