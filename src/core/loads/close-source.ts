import { SecretCacheError } from '../failures/errors.js'
import { failureFrom } from '../failures/failure.js'
import { atMost } from '../time/at-most.js'
import type { LoadContext } from './load-context.js'

/** Closing a cache must not hang because of a source whose `close` never settles. */
const closeTimeoutMs = 5_000

/** Closes the source of a cache, and waits for it at most `closeTimeoutMs`. */
export async function closeSource({ source, clock, keepAlive }: LoadContext): Promise<void> {
  const closed = async (): Promise<void> => source.close?.()
  try {
    await keepAlive.during(() => atMost(clock, closeTimeoutMs, closed(), () => {}))
  } catch (thrown) {
    const { code, cause } = failureFrom(thrown)
    throw new SecretCacheError({ code, message: `The source of the cache was not closed: ${cause.message}`, cause })
  }
}
