import { SecretCacheError } from '../failures/errors.js'
import { failureFrom } from '../failures/failure.js'
import { atMost } from '../time/at-most.js'
import type { LoadContext } from './load-context.js'

/** Whoever closes a cache must not wait for a source that never says it has closed. */
const closeTimeoutMs = 5_000

/** Closes the source of a cache, which it waits for so long and no longer. */
export async function closeSource({ source, clock, keepAlive }: LoadContext): Promise<void> {
  const closed = async (): Promise<void> => source.close?.()
  try {
    await keepAlive.during(() => atMost(clock, closeTimeoutMs, closed(), () => {}))
  } catch (thrown) {
    const { code, cause } = failureFrom(thrown)
    throw new SecretCacheError({ code, message: `The source of the cache was not closed: ${cause.message}`, cause })
  }
}
