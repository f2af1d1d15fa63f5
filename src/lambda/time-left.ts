/** Kept for the handler itself, and for the answer. */
const reserveMs = 500

/** How long an invocation may still wait by its context, which is among what the handler is given; for ever where none tells it. */
export function timeLeftMs(given: readonly unknown[]): number {
  const told = given.map(remainingMs).find(ms => !Number.isNaN(ms))
  return told === undefined ? Infinity : Math.max(0, told - reserveMs)
}

/** What a context says; not a number if it says nothing. A handler runs whatever its context does. */
function remainingMs(context: unknown): number {
  try {
    const { getRemainingTimeInMillis } = (context ?? {}) as { getRemainingTimeInMillis?: unknown }
    return typeof getRemainingTimeInMillis === 'function' ? Number(getRemainingTimeInMillis.call(context)) : Number.NaN
  } catch {
    return Number.NaN
  }
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
