import type { SecretRecord } from './entry.js'

/** After the clock was set back, what is younger than the step was loaded in a time that is still to come: nobody knows how old it is. */
export function doubtAges(records: Iterable<SecretRecord>, byMs: number, now: number): void {
  for (const record of records) for (const entry of record.entries()) entry.doubtAge(now - byMs, now)
}
