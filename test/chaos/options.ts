import { parseArgs } from 'node:util'

/** What a run of chaos or of the soak was asked for. */
export interface RunOptions {
  seconds: number
  seed: number
  /** Where the JUnit report goes. */
  reports: string | undefined
}

/** Reads the command line; a mistake ends the process. */
export function readOptions(usage: string, seconds: number): RunOptions {
  const text = { type: 'string' } as const
  try {
    const { values } = parseArgs({ options: { seconds: text, minutes: text, seed: text, reports: text } })
    const asked = {
      seconds: values.minutes === undefined ? Number(values.seconds ?? seconds) : Number(values.minutes) * 60,
      seed: values.seed === undefined ? Math.floor(Math.random() * 1_000_000) : Number(values.seed),
      reports: values.reports,
    }
    if (asked.seconds >= 10 && asked.seconds <= 86_400 && Number.isSafeInteger(asked.seed)) return asked
  } catch {
    // What follows says it.
  }
  console.error(usage)
  process.exit(2)
}
