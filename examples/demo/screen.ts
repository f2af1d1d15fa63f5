/** Draws the demo: in colour on a terminal, as plain lines elsewhere. */
const colours = process.stdout.isTTY === true && process.env.NO_COLOR === undefined

function paint(code: number, text: string): string {
  return colours ? `\u001b[${code}m${text}\u001b[0m` : text
}

export const bold = (text: string): string => paint(1, text)
export const dim = (text: string): string => paint(2, text)
export const green = (text: string): string => paint(32, text)
export const yellow = (text: string): string => paint(33, text)

const widths = { act: 12, what: 44, answer: 16, time: 12, calls: 6 }

function line(act: string, what: string, answer: string, time: string, calls: string): string {
  return [
    act.padEnd(widths.act),
    what.padEnd(widths.what),
    answer.padEnd(widths.answer),
    time.padStart(widths.time),
    calls.padStart(widths.calls),
  ].join('  ')
}

export function showTitle(endpoint: string): void {
  console.log(`\n  ${bold('awscurrent')}  one secret through its life`)
  console.log(`  ${dim(`the real AWS SDK, talking to a fake Secrets Manager on ${endpoint}, 25 ms away`)}\n`)
  console.log(`  ${dim(line('', 'what happens', 'answer', 'time', 'calls'))}`)
  console.log(`  ${dim('─'.repeat(line('', '', '', '', '').length))}`)
}

let lastAct = ''

/** One row: what was done, what it answered, how long it took and how many calls to the service it cost. */
export function showRow(act: string, what: string, answer: string, time: string, calls: number): void {
  const shownAct = act === lastAct ? '' : act
  lastAct = act
  const row = line(shownAct, what, answer, time, String(calls))
  console.log(`  ${bold(row.slice(0, widths.act))}${row.slice(widths.act)}`)
}

/** What the cache told its listeners. */
export function showEvent(text: string): void {
  console.log(`  ${' '.repeat(widths.act)}  ${yellow(`· ${text}`)}`)
}

export function showEnd(failed: number, reads: number, calls: number): void {
  const verdict = failed === 0 ? green('no read failed') : yellow(`${failed} reads failed`)
  console.log(
    `\n  ${bold(`${reads.toLocaleString('en')} reads`)}, ${bold(`${calls} calls`)} to Secrets Manager, ${bold(verdict)}\n`,
  )
}

export function milliseconds(ms: number): string {
  return ms < 10 ? `${ms.toFixed(2)} ms` : `${ms.toFixed(0)} ms`
}
