/** What went wrong for a worker. */
export interface Failure {
  readonly code: string
  readonly message: string
  /** What failed: a query, a prepared statement or a transaction. */
  readonly what: string
  /** What happened when it was sent. */
  readonly phase: string
  readonly tookMs: number
}

/** The record of a failure; its code is that of the driver. */
export function failureOf(error: unknown, circumstances: Pick<Failure, 'what' | 'phase' | 'tookMs'>): Failure {
  const { code, name, message } = Object(error) as Partial<Record<string, unknown>>
  return { code: String(code ?? name ?? 'unknown'), message: String(message ?? error), ...circumstances }
}

/** How many failures there are of each code: `28P01 ×3, NO_ANSWER ×1`. */
export function countByCode(failures: readonly Failure[]): string {
  const counts = new Map<string, number>()
  for (const { code } of failures) counts.set(code, (counts.get(code) ?? 0) + 1)
  return [...counts].map(([code, count]) => `${code} ×${count}`).join(', ')
}

/** The first failures, a line for each: what the summary of a pool that fell short should show. */
export function describeFailures(failures: readonly Failure[]): string {
  return failures
    .slice(0, 10)
    .map(({ code, message, what, phase, tookMs }) => `  ${phase}: ${what} failed after ${tookMs} ms: ${code}, ${message}\n`)
    .join('')
}
