/** Prints the rows of one benchmark. */
export function showTable(title, rows) {
  console.log(`\n${title}`)
  const columns = Object.keys(rows[0] ?? {})
  const widths = columns.map(column => Math.max(column.length, ...rows.map(row => String(row[column]).length)))
  const line = cells =>
    `  ${cells.map((cell, n) => (n === 0 ? String(cell).padEnd(widths[n]) : String(cell).padStart(widths[n]))).join('  ')}`
  console.log(line(columns))
  for (const row of rows) console.log(line(columns.map(column => row[column])))
}

/** Prints a figure beside its goal. A miss ends the process with 3, which `run.mjs --check` takes for a failure. */
export function showFigure(what, value, goal, unit = '') {
  const met = value <= goal
  if (!met) process.exitCode = 3
  console.log(`  ${met ? 'met   ' : 'MISSED'}  ${what}: ${round(value)}${unit} (goal: at most ${goal}${unit})`)
}

export function round(value) {
  return Number(value.toPrecision(3))
}

export function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]
}

export function percentile(values, part) {
  return [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))]
}
