import { expect, it } from 'vitest'
import { SecretCache } from '../../../src/index.js'
import { FakeSecretsManager, ManualClock } from '../../../src/testing/index.js'

const id = 'prod/db'
const others = ['a', 'b', 'c', 'd', 'e']

it.each(['invalidate', 'delete'] as const)(
  "a warm-up's batch that was answered before %s() is no answer to a read after it",
  async act => {
    const clock = new ManualClock()
    const fake = new FakeSecretsManager({ secrets: Object.fromEntries([id, ...others].map(name => [name, 'one'])), clock })
    const cache = new SecretCache({ client: fake.client(), clock, ttlJitter: 0 })
    await cache.getSecretString(id)
    // From here on its loads wait for their turn.
    for (let refresh = 0; refresh < 5; refresh += 1) await cache.refreshNow(id)
    cache.invalidate(id)
    const warm = cache.warmup([id, ...others])
    await clock.advance(100)
    expect(fake.count('BatchGetSecretValue')).toBe(1)
    fake.put(id, 'two')
    cache[act](id)
    const read = cache.getSecretString(id)
    await clock.advance(10_000)
    expect(await read).toBe('two')
    expect(await warm).toHaveLength(6)
  },
)
