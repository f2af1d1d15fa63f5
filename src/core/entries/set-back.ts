import type { SecretRecord } from './entry.js'

/** After the clock was set back, the age of values younger than the step is unknown: they were loaded at a time that is now in the future. */
export function doubtAges(records: Iterable<SecretRecord>, byMs: number, now: number): void {
  for (const record of records) for (const entry of record.entries()) entry.doubtAge(now - byMs, now)
}
