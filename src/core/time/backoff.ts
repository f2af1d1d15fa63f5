/** The pauses after failures. Each is shortened by a random part of up to a half. */
export interface Backoff {
  /** The first pause, in milliseconds. @default 200 */
  initialMs: number
  /** The factor from one pause to the next. @default 2 */
  factor: number
  /** The longest pause, in milliseconds. @default 60_000 */
  maxMs: number
}

/**
 * The pause after `failures` failures in a row.
 *
 * It is a random value between half of the nominal pause and all of it, so that instances that failed together do not retry together.
 */
export function pauseAfter(failures: number, { initialMs, factor, maxMs }: Backoff): number {
  const longest = Math.min(maxMs, initialMs * factor ** (failures - 1))
  return longest * (1 - Math.random() / 2)
}
