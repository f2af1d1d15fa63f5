import fc from 'fast-check'
import type { TestContext } from 'vitest'

/** What became of the inputs that one target was given. */
export interface FuzzReport {
  runs: number
  /** Makes the same inputs again: `FUZZ_SEED=… npm run test:fuzz -- -t 'the title'`. */
  seed: number
  /** How many inputs were answered in which way. */
  verdicts: Record<string, number>
  slowestMs: number
}

declare module 'vitest' {
  interface TaskMeta {
    fuzz?: FuzzReport
  }
}

const wanted = Number(process.env.FUZZ_RUNS ?? 10_000)
const seedForAll = process.env.FUZZ_SEED

/** What one input may take on a busy machine; a target that hangs is ended by it, and fast-check shows the input. */
const longestMs = 20_000

/**
 * Gives a target as many inputs as FUZZ_RUNS says, ten thousand by default. `judge` throws if the answer breaks a promise, and else names
 * the kind of the answer, which the table at the end of the run counts.
 */
export async function fuzz<Input>(
  { task }: TestContext,
  inputs: fc.Arbitrary<Input>,
  judge: (input: Input) => string | Promise<string>,
): Promise<FuzzReport> {
  const seed = seedForAll === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(seedForAll)
  const report: FuzzReport = { runs: 0, seed, verdicts: {}, slowestMs: 0 }
  // Before the first input: the seed is needed most if something goes wrong.
  task.meta.fuzz = report
  const property = fc.asyncProperty(inputs, async input => {
    const begunAt = performance.now()
    const verdict = await judge(input)
    report.slowestMs = Math.max(report.slowestMs, performance.now() - begunAt)
    report.runs += 1
    report.verdicts[verdict] = (report.verdicts[verdict] ?? 0) + 1
  })
  await fc.assert(property, { numRuns: wanted, seed, timeout: longestMs, endOnFailure: wanted > 100_000 })
  return report
}
