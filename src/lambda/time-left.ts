/** Kept for the handler itself, and for the answer. */
const reserveMs = 500

/** How long an invocation may still wait by its context, which is among what the handler is given; for ever where there is none. */
export function timeLeftMs(given: readonly unknown[]): number {
  for (const context of given) {
    const { getRemainingTimeInMillis } = (context ?? {}) as { getRemainingTimeInMillis?: unknown }
    if (typeof getRemainingTimeInMillis !== 'function') continue
    const leftMs = Number(getRemainingTimeInMillis.call(context)) - reserveMs
    return Math.max(0, leftMs)
  }
  return Infinity
}

/** Waits for something as long as an invocation may; resolves with whether it has ended. Never rejects. */
export async function hasEndedWithin(ms: number, work: Promise<unknown>): Promise<boolean> {
  const ended = work.then(
    () => true,
    () => true,
  )
  if (ms === Infinity) return ended
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>(resolve => {
    // It counts by the machine's clock, as Lambda does.
    timer = setTimeout(resolve, ms, false)
  })
  return Promise.race([ended, late]).finally(() => clearTimeout(timer))
}
