import type { Activity } from './activity.js'
import type { FaultLog } from './fault-log.js'
import { invariants, type Judge } from './judge.js'
import type { TestResult } from './junit.js'

/** One result for each thing that must hold. */
export function resultsOf({ violations }: Judge): (TestResult & { violations: number })[] {
  return Object.entries(invariants).map(([invariant, title]) => {
    const failures = violations.filter(violation => violation.invariant === invariant).map(({ what }) => what)
    const more = failures.length > 5 ? [`and ${failures.length - 5} more`] : []
    return { title, violations: failures.length, failures: [...failures.slice(0, 5), ...more] }
  })
}

/** The table at the end of a run. */
export function describeRun(judge: Judge, faults: FaultLog, activity: Activity): string {
  const lines = [
    'faults',
    ...rows(faults.counts),
    'done',
    ...rows(
      new Map([
        ['reads', judge.reads],
        ['queries', judge.queries],
        ['rotations', activity.rotations],
        ['attempts at a rotation that failed', activity.failedAttempts],
        ['longest read, in ms', Math.round(judge.longestReadMs)],
      ]),
    ),
    'failures that a fault explains',
    ...rows(judge.allowedFailures),
    'violations, by what must hold',
    ...resultsOf(judge).map(({ title, violations, failures }) => [row(violations, title), ...failures.map(indent)].join('\n')),
  ]
  return lines.join('\n')
}

function rows(counts: ReadonlyMap<string, number>): string[] {
  const sorted = [...counts].sort(([one], [other]) => one.localeCompare(other))
  return sorted.map(([name, count]) => row(count, name))
}

function row(count: number, name: string): string {
  return `  ${String(count).padStart(8)}  ${name}`
}

function indent(line: string): string {
  return `${' '.repeat(12)}${line}`
}
