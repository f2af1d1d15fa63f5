/** Reserved for the handler itself and for its response. */
const reserveMs = 500

/** How long an invocation may still wait by its context, one of the arguments of the handler; Infinity if none of them is a context. */
export function timeLeftMs(given: readonly unknown[]): number {
  const told = given.map(remainingMs).find(ms => !Number.isNaN(ms))
  return told === undefined ? Infinity : Math.max(0, told - reserveMs)
}

/** The remaining time of a context; NaN if there is none. An invalid context must not fail the handler. */
function remainingMs(context: unknown): number {
  try {
    const { getRemainingTimeInMillis } = (context ?? {}) as { getRemainingTimeInMillis?: unknown }
    return typeof getRemainingTimeInMillis === 'function' ? Number(getRemainingTimeInMillis.call(context)) : Number.NaN
  } catch {
    return Number.NaN
  }
}

/** Waits for a promise for at most `ms`; resolves with whether it has settled. Never rejects. */
export async function hasEndedWithin(ms: number, work: Promise<unknown>): Promise<boolean> {
  const ended = work.then(
    () => true,
    () => true,
  )
  if (ms === Infinity) return ended
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>(resolve => {
    // By the machine's clock and not the cache's: Lambda uses that too.
    timer = setTimeout(resolve, ms, false)
  })
  return Promise.race([ended, late]).finally(() => clearTimeout(timer))
}
