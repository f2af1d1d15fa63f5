import type { Reporter, TestModule } from 'vitest/node'
import type { FuzzReport } from './fuzz.js'

/** Prints what all targets were given and how they answered, after the last of them. */
class FuzzTable implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const targets = modules
      .flatMap(module => [...module.children.allTests()])
      .map(test => ({ title: test.fullName, report: test.meta().fuzz }))
    let total = 0
    for (const { title, report } of targets) {
      if (report === undefined) continue
      total += report.runs
      process.stdout.write(`\n${title}\n  ${summary(report)}\n${verdictsOf(report)}`)
    }
    process.stdout.write(`\n${total.toLocaleString('en')} inputs in all\n`)
  }
}

// Vitest takes a reporter from the default export of its file.
export default FuzzTable

function summary({ runs, seed, slowestMs }: FuzzReport): string {
  return `${runs.toLocaleString('en')} inputs, seed ${seed}, the slowest ${slowestMs.toFixed(0)} ms`
}

function verdictsOf({ verdicts }: FuzzReport): string {
  return Object.entries(verdicts)
    .sort(([, a], [, b]) => b - a)
    .map(([verdict, count]) => `  ${count.toLocaleString('en').padStart(9)}  ${verdict}\n`)
    .join('')
}
