import { onTestFinished } from 'vitest'
import { SecretCache, type SecretCacheOptions } from '../../src/index.js'
import { ssmSource } from '../../src/ssm/index.js'
import { FakeParameterStore, type FakeParameterStoreOptions, ManualClock } from '../../src/testing/index.js'

/** A Parameter Store and a cache of it. */
export interface Scene {
  readonly clock: ManualClock
  readonly store: FakeParameterStore
  readonly cache: SecretCache
  /** What was asked for, the oldest first. */
  asked(): unknown[]
}

export function parameterScene(
  parameters: FakeParameterStoreOptions['parameters'],
  {
    cache: cacheOptions = {},
    store: storeOptions = {},
  }: { cache?: SecretCacheOptions; store?: Omit<FakeParameterStoreOptions, 'clock' | 'parameters'> } = {},
): Scene {
  const clock = new ManualClock()
  const store = new FakeParameterStore({ clock, parameters, ...storeOptions })
  const cache = new SecretCache({ source: ssmSource({ client: store.client(), clock }), clock, ttlJitter: 0, ...cacheOptions })
  onTestFinished(() => cache.close())
  return { clock, store, cache, asked: () => store.calls.map(({ input }) => input.Name ?? input.Names) }
}
