import { expect, it } from 'vitest'
import { SecretCache } from '../../../src/index.js'
import { FakeSecretsManager, ManualClock } from '../../../src/testing/index.js'

const minuteMs = 60_000

it.each([1, 10])(
  'a clock set back %i times, which has passed the last reading again before the next, prolongs no TTL',
  async times => {
    const clock = new ManualClock()
    const fake = new FakeSecretsManager({ clock, secrets: { key: 'one' } })
    const cache = new SecretCache({
      source: fake.source(),
      clock,
      ttlMs: times * 2 * minuteMs,
      ttlJitter: 0,
      staleWhileRevalidateMs: 0,
    })
    const read: string[] = [await cache.getSecretString('key')]
    fake.put('key', 'two')
    for (let time = 0; time < times; time += 1) {
      await clock.advance(minuteMs)
      clock.set(clock.now() - 50_000)
      await clock.advance(minuteMs)
      read.push(await cache.getSecretString('key'))
    }
    expect(read).toEqual([...Array.from({ length: times }, () => 'one'), 'two'])
  },
)

it('a clock that is behind by less than it is read is not doubted', async () => {
  const clock = new ManualClock()
  const fake = new FakeSecretsManager({ clock, secrets: { key: 'one' } })
  const cache = new SecretCache({ source: fake.source(), clock, ttlMs: 3 * minuteMs, ttlJitter: 0 })
  await cache.getSecretString('key')
  await clock.advance(minuteMs)
  clock.set(clock.now() - 90)
  await clock.advance(minuteMs)
  fake.put('key', 'two')
  expect(await cache.getSecretString('key')).toBe('one')
  expect(fake.count()).toBe(1)
})
