import { SecretCache, type SecretCacheOptions } from '../../src/index.js'
import { ManualClock } from '../../src/testing/index.js'
import { DeferredClient } from '../support/deferred-client.js'

/** The name of the secret that is written. */
export const name = 'secret'

/** A cache whose calls and clock are moved on by hand. */
export interface Scene {
  clock: ManualClock
  client: DeferredClient
  cache: SecretCache
  /** Every rotation that the cache has told of, such as `v1→v2`. */
  moves: string[]
  /** Reads the secret and answers with this version; it is the first call. */
  holding(version: string): Promise<void>
}

export function newScene(options: SecretCacheOptions = {}): Scene {
  const clock = new ManualClock()
  const client = new DeferredClient()
  const cache = new SecretCache({ client, clock, ttlJitter: 0, ...options })
  const moves: string[] = []
  cache.on('rotated', ({ previousVersionId, versionId }) => moves.push(`${previousVersionId}→${versionId}`))
  return {
    clock,
    client,
    cache,
    moves,
    async holding(version) {
      const read = cache.getSecretString(name)
      await (await client.call(1)).answer(version)
      await read
    },
  }
}
