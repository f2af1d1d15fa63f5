import { countByCode } from './failure.js'
import { shortcomings } from './goals.js'
import type { ExamResult } from './take-exam.js'

/** The result of an exam in figures, by what they are called. */
type Row = Readonly<Record<string, string | number>>

/** Rows as lines of text, below their names. */
export function tableOf(rows: readonly Row[]): string {
  const names = Object.keys(rows[0] ?? {})
  const lines = [names, ...rows.map(row => Object.values(row).map(String))]
  const widths = names.map((_, n) => Math.max(...lines.map(line => line[n]?.length ?? 0)))
  return lines
    .map(line =>
      line
        .map((cell, n) => cell.padEnd(widths[n] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** The result of an exam in figures. */
export function rowOf(result: ExamResult): Row {
  const { scenario, answered, failures, cutTransactions, killed, isLocked, rotations } = result
  const times = rotations.map(({ movedAfterMs }) => movedAfterMs ?? Infinity)
  const slowest = Math.max(...times)
  return {
    scenario: scenario.name,
    rotations: rotations.length,
    answered,
    failed: failures.length === 0 ? 0 : countByCode(failures),
    cut: cutTransactions,
    'moved within': slowest < Infinity ? `${slowest} ms` : 'too late',
    late: rotations.reduce((sum, { lateConnections }) => sum + lateConnections, 0),
    calls: rotations.map(({ calls }) => calls).join(' '),
    'refused logins': rotations.map(({ refused }) => refused).join(' '),
    locked: isLocked ? 'yes' : 'no',
    killed,
    passed: shortcomings(result).length === 0 ? 'yes' : 'no',
  }
}
