import { SecretCacheError } from '../failures/errors.js'
import { failureFrom } from '../failures/failure.js'
import { untilAborted } from '../time/until-aborted.js'
import type { LoadContext } from './load-context.js'

/** Whoever closes a cache must not wait for a source that never says it has closed. */
const closeTimeoutMs = 5_000

/** Closes the source of a cache, which it waits for so long and no longer. */
export async function closeSource({ source, clock, keepAlive }: LoadContext): Promise<void> {
  const patience = new AbortController()
  const cancel = clock.setTimeout(() => patience.abort(), closeTimeoutMs)
  try {
    await keepAlive.during(() => untilAborted((async () => source.close?.())(), patience.signal))
  } catch (thrown) {
    if (patience.signal.aborted) return
    const { code, cause } = failureFrom(thrown)
    throw new SecretCacheError({ code, message: `The source of the cache was not closed: ${cause.message}`, cause })
  } finally {
    cancel()
  }
}
