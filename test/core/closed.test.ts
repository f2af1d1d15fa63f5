import { beforeEach, describe, expect, it } from 'vitest'
import { SecretCache } from '../../src/index.js'
import type { FakeVersion } from '../../src/testing/index.js'
import { clock, fake, useFake } from '../support/fake-cache.js'

const id = 'prod/db'

let secret: FakeVersion
let cache: SecretCache

async function expectClosed(): Promise<void> {
  for (const form of [id, secret.arn, secret.arn.slice(0, -7)]) {
    await expect(cache.getSecretString(form)).rejects.toMatchObject({ code: 'ERR_SECRET_CACHE_CLOSED' })
    await expect(cache.getSecret(form)).rejects.toMatchObject({ code: 'ERR_SECRET_CACHE_CLOSED' })
    await expect(cache.getSecretJson(form)).rejects.toMatchObject({ code: 'ERR_SECRET_CACHE_CLOSED' })
    await expect(cache.refreshNow(form)).rejects.toMatchObject({ code: 'ERR_SECRET_CACHE_CLOSED' })
    expect(cache.peek(form)).toBeUndefined()
    expect(cache.handle(form).current).toBeUndefined()
  }
  expect(cache.stats().entries).toBe(0)
}

useFake()

beforeEach(() => {
  secret = fake.create(id, { password: 'one' })
  cache = new SecretCache({ source: fake.source(), clock, ttlJitter: 0 })
})

const forms: [string, () => string][] = [
  ['name', () => id],
  ['ARN', () => secret.arn],
  ['partial ARN', () => secret.arn.slice(0, -7)],
]

describe.each(forms)('a closed cache never serves again (followed by %s)', (_, form) => {
  it('although a listener of a handle is removed then', async () => {
    const stop = cache.handle(form()).on('rotated', () => {})
    await cache.getSecretString(id)
    await cache.close()
    stop()
    await expectClosed()
    stop()
    await expectClosed()
  })

  it('although one of several listeners is removed then', async () => {
    const stops = [1, 2, 3].map(() => cache.handle(form()).on('rotated', () => {}))
    await cache.getSecretString(id)
    await cache.close()
    for (const stop of stops) {
      stop()
      await expectClosed()
    }
  })

  it('although a listener is removed while a load is still under way', async () => {
    const stop = cache.handle(form()).on('rotated', () => {})
    await cache.getSecretString(id)
    fake.inject({ delayMs: 100 })
    const refreshed = cache.refreshNow(id)
    await clock.advance(10)
    const closed = cache.close()
    stop()
    await clock.advance(1_000)
    await Promise.all([refreshed, closed])
    await expectClosed()
  })

  it('although a load that began before ends after the listener was removed', async () => {
    fake.inject({ delayMs: 100 })
    const stop = cache.handle(form()).on('rotated', () => {})
    const read = cache.getSecretString(form())
    await clock.advance(10)
    const closed = cache.close()
    stop()
    await clock.advance(1_000)
    expect(await read).toContain('one')
    await closed
    await expectClosed()
  })
})

describe("a source's own close()", () => {
  const getNothing = async (): Promise<never> => {
    throw new Error('nothing is read')
  }

  it('that never settles is waited for five seconds', async () => {
    const hanging = new SecretCache({ source: { get: getNothing, close: () => new Promise(() => {}) }, clock })
    const closed = hanging.close()
    await clock.advance(5_000)
    await closed
  })

  it('that fails is told by an error of ours, without what the foreign one carries', async () => {
    const failing = Object.assign(new Error('socket hang up'), { password: 'planted' })
    const source = { get: getNothing, close: () => Promise.reject(failing) }
    const error = await new SecretCache({ source, clock }).close().catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ name: 'SecretCacheError', message: expect.stringContaining('was not closed') })
    expect(JSON.stringify(error)).not.toContain('planted')
  })

  it.each(['getMany', 'close'])('and getMany() are functions, or not there: %s', method => {
    expect(() => new SecretCache({ source: { get: getNothing, [method]: 5 } as never })).toThrow(/^source must be a SecretSource/)
  })
})
