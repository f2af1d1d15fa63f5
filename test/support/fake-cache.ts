import { beforeEach } from 'vitest'
import { SecretCache, type SecretCacheOptions } from '../../src/index.js'
import { FakeSecretsManager, type FakeSecretValue, ManualClock } from '../../src/testing/index.js'

/** The clock of the test that runs. */
export let clock: ManualClock
/** The service of the test that runs. */
export let fake: FakeSecretsManager

/** Gives each test of a file a clock, and a service with these secrets. */
export function useFake(secrets: Record<string, FakeSecretValue> = {}): void {
  beforeEach(() => {
    clock = new ManualClock()
    fake = new FakeSecretsManager({ clock, secrets })
  })
}

/** A cache over the service of the test. */
export function cacheOf(options: SecretCacheOptions = {}): SecretCache {
  return new SecretCache({ source: fake.source(), clock, ttlJitter: 0, ...options })
}
