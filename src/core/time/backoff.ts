/** How the pauses after failures grow. */
export interface Backoff {
  /** The first pause. @default 200 */
  initialMs: number
  /** Each pause is the one before times this. @default 2 */
  factor: number
  /** No pause is longer. @default 60_000 */
  maxMs: number
}

/**
 * The pause after `failures` failures in a row.
 *
 * It is drawn from the upper half of its range, so that instances that failed together do not come back together.
 */
export function pauseAfter(failures: number, { initialMs, factor, maxMs }: Backoff): number {
  const longest = Math.min(maxMs, initialMs * factor ** (failures - 1))
  return longest * (1 - Math.random() / 2)
}
