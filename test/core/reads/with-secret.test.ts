import { expect, it, vi } from 'vitest'
import { type Secret, SecretCache } from '../../../src/index.js'
import { cacheOf, clock, fake, useFake } from '../../support/fake-cache.js'
import { rejectionOf } from '../../support/rejection.js'

const id = 'prod/key'
const refusal = new Error('refused')
const isAuthError = (error: unknown): boolean => error === refusal

/** What a server does that knows one key. */
function only(key: string): (secret: Secret) => string {
  return secret => {
    if (secret.text() !== key) throw refusal
    return `welcome, ${key}`
  }
}

useFake({ [id]: 'one' })

it('resolves with what `use` answers, by one call', async () => {
  expect(await cacheOf().withSecret(id, only('one'), { isAuthError })).toBe('welcome, one')
  expect(fake.count()).toBe(1)
})

it('calls `use` once more with the newer version after a refusal: one load for a hundred refused at once', async () => {
  const cache = cacheOf()
  await cache.getSecretString(id)
  fake.rotate(id, 'two')
  fake.resetCalls()
  const answers = await Promise.all(Array.from({ length: 100 }, () => cache.withSecret(id, only('two'), { isAuthError })))
  expect(new Set(answers)).toEqual(new Set(['welcome, two']))
  expect(fake.count()).toBe(1)
})

it.each([
  ['there is no newer version', () => undefined],
  ['it cannot be read', () => fake.inject({ error: 'InternalServiceError' })],
])('passes the refusal on, after one call of `use`, if %s', async (_, act) => {
  const cache = cacheOf()
  await cache.getSecretString(id)
  act()
  const use = vi.fn(only('two'))
  await expect(cache.withSecret(id, use, { isAuthError })).rejects.toBe(refusal)
  expect(use).toHaveBeenCalledTimes(1)
})

it('does not try again after any other error', async () => {
  const other = new Error('other')
  await expect(cacheOf().withSecret(id, () => Promise.reject(other), { isAuthError })).rejects.toBe(other)
  expect(fake.count()).toBe(1)
})

it('uses a secret at most twice: the second refusal is passed on, whatever has happened since', async () => {
  const cache = cacheOf()
  await cache.getSecretString(id)
  fake.rotate(id, 'two')
  const use = vi.fn((secret: Secret): never => {
    if (secret.text() === 'two') fake.rotate(id, 'three')
    throw refusal
  })
  await expect(cache.withSecret(id, use, { isAuthError })).rejects.toBe(refusal)
  expect(use).toHaveBeenCalledTimes(2)
})

it('asks nobody again if the cache has moved on since `use` began', async () => {
  const cache = cacheOf()
  await cache.getSecretString(id)
  const answer = await cache.withSecret(
    id,
    async secret => {
      if (secret.text() === 'one') {
        fake.rotate(id, 'two')
        await cache.refreshNow(id)
        fake.resetCalls()
      }
      return only('two')(secret)
    },
    { isAuthError },
  )
  expect(answer).toBe('welcome, two')
  expect(fake.count()).toBe(0)
})

it('takes an older version for a newer one if the label was moved back to it', async () => {
  const cache = cacheOf()
  const { versionId } = await cache.getSecret(id)
  fake.rotate(id, 'two')
  await cache.refreshNow(id)
  await clock.advance(60_000)
  fake.moveCurrent(id, versionId)
  expect(await cache.withSecret(id, only('one'), { isAuthError })).toBe('welcome, one')
})

it('passes the error of `use` on if isAuthError throws, without a refresh', async () => {
  const asked = cacheOf().withSecret(id, only('two'), {
    isAuthError() {
      throw new Error('confused')
    },
  })
  await expect(asked).rejects.toBe(refusal)
  expect(fake.count()).toBe(1)
})

it('does not call `use` if the secret cannot be read', async () => {
  const use = vi.fn()
  fake.inject({ error: 'AccessDeniedException' })
  await expect(cacheOf().withSecret(id, use, { isAuthError })).rejects.toMatchObject({ code: 'ERR_SECRET_ACCESS_DENIED' })
  expect(use).not.toHaveBeenCalled()
})

it('keeps the refusal for the caller whose signal aborts during the refresh', async () => {
  const cache = cacheOf()
  await cache.getSecretString(id)
  fake.inject({ delayMs: 1_000 })
  const controller = new AbortController()
  const asked = rejectionOf(cache.withSecret(id, only('two'), { isAuthError, signal: controller.signal }))
  await clock.advance(0)
  controller.abort(new Error('enough'))
  expect(await asked).toBe(refusal)
  await clock.advance(1_000)
})

it.each([undefined, {}, { isAuthError: true }])('says what it needs if it is given %j', async options => {
  const error = await rejectionOf(cacheOf().withSecret(id, only('one'), options as never))
  expect(error).toMatchObject({ name: 'TypeError', message: expect.stringMatching(/withSecret.*isAuthError/) })
  expect(fake.count()).toBe(0)
})

it('serves the last known good to `use` while the service is down', async () => {
  const cache = cacheOf({ ttlMs: 1_000, staleWhileRevalidateMs: 0 })
  await cache.getSecretString(id)
  fake.inject({ error: 'InternalServiceError' })
  await clock.advance(1_000)
  expect(await cache.withSecret(id, only('one'), { isAuthError })).toBe('welcome, one')
})

it('reads and refreshes the stage that it is told', async () => {
  fake.rotate(id, 'two')
  const cache = cacheOf()
  const use = (secret: Secret): string => {
    if (secret.text() === 'one') {
      fake.rotate(id, 'three')
      throw refusal
    }
    return secret.text()
  }
  expect(await cache.withSecret(id, use, { isAuthError, versionStage: 'AWSPREVIOUS' })).toBe('two')
})

it('takes no option that there is none of', async () => {
  const asked = cacheOf().withSecret(id, only('one'), { isAuthError, versionId: 'x' } as never)
  await expect(asked).rejects.toThrow(/^Unknown option "versionId" of withSecret\./)
})

it('withSecret says that it takes a function', async () => {
  const cache = new SecretCache({ source: { get: () => Promise.reject(new Error('nothing is read')) } })
  const call = cache.withSecret('prod/db', 5 as never, { isAuthError: () => true })
  await expect(call).rejects.toThrow('withSecret takes a function that works with the secret.')
})
