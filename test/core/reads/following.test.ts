import { beforeEach, expect, it } from 'vitest'
import type { RotatedEvent, SecretCache } from '../../../src/index.js'
import { cacheOf, clock, fake, useFake } from '../../support/fake-cache.js'

const id = 'prod/db'

/** Reads five other secrets, for which a cache of two entries has no room. */
async function flood(cache: SecretCache): Promise<void> {
  for (let n = 0; n < 5; n += 1) await cache.getSecretString(`s/${n}`)
}

useFake({ [id]: 'one' })

beforeEach(() => {
  for (let n = 0; n < 5; n += 1) fake.create(`s/${n}`, String(n))
})

it('never evicts what a handle listens to, and has as much room for others as without it', async () => {
  const cache = cacheOf({ maxEntries: 2 })
  const stop = cache.handle(id).on('rotated', () => undefined)
  await cache.getSecretString(id)
  await flood(cache)
  expect(cache.peek(id)?.text()).toBe('one')
  expect(cache.stats()).toMatchObject({ entries: 3, evictions: 3 })
  stop()
  await flood(cache)
  expect(cache.peek(id)).toBeUndefined()
})

it('keeps it also where it turned out later which secret the handle is of', async () => {
  const { arn } = fake.put(id, 'one')
  const cache = cacheOf({ maxEntries: 2 })
  fake.inject({ delayMs: 100 })
  const reads = Promise.all([cache.getSecretString(id), cache.getSecretString(arn)])
  const stop = cache.handle(arn).on('rotated', () => undefined)
  await clock.advance(100)
  await reads
  fake.recover()
  await flood(cache)
  expect(cache.peek(id)?.text()).toBe('one')
  stop()
  await flood(cache)
  expect(cache.peek(id)).toBeUndefined()
})

it('keeps it for the second listener when the first one leaves, even if that says so twice', async () => {
  const cache = cacheOf({ maxEntries: 2 })
  const [stop] = [1, 2].map(() => cache.handle(id).on('rotated', () => undefined))
  await cache.getSecretString(id)
  stop?.()
  stop?.()
  await flood(cache)
  expect(cache.peek(id)?.text()).toBe('one')
})

it('keeps no entry for a secret that is followed and was never read', () => {
  const cache = cacheOf()
  const stop = cache.handle(id).on('rotated', () => undefined)
  expect(cache.stats().entries).toBe(0)
  stop()
  expect(cache.stats().entries).toBe(0)
})

it('lets a handle hear of its own secret alone, and of the current version alone', async () => {
  const cache = cacheOf()
  const heard: RotatedEvent[] = []
  cache.handle(id).on('rotated', event => heard.push(event))
  const pending = { versionStage: 'AWSPENDING' }
  fake.put(id, 'next', { versionStages: ['AWSPENDING'] })
  for (const [secretId, options] of [[id], [id, pending], ['s/0']] as const) await cache.getSecretString(secretId, options)
  fake.rotate('s/0')
  fake.put(id, 'the one after it', { versionStages: ['AWSPENDING'] })
  await cache.refreshNow('s/0')
  await cache.refreshNow(id, pending)
  expect(cache.stats().rotations).toBe(2)
  expect(heard).toEqual([])
  fake.rotate(id, 'two')
  await cache.refreshNow(id)
  expect(heard).toMatchObject([{ secretId: id, versionStage: 'AWSCURRENT' }])
})

it('refuses another event than rotated, and what is no listener', () => {
  const handle = cacheOf().handle(id)
  expect(() => handle.on('rotate' as 'rotated', () => undefined)).toThrow(
    new TypeError('A handle has no event "rotate", only "rotated".'),
  )
  expect(() => handle.on('rotated', undefined as never)).toThrow(new TypeError('The listener of "rotated" must be a function.'))
})

it('takes no old answer for a rollback, though the version before it was deleted here', async () => {
  const cache = cacheOf()
  const moves: string[] = []
  cache.handle(id).on('rotated', ({ versionId }) => moves.push(versionId))
  await cache.getSecretString(id)
  cache.delete(id)
  const { detail } = fake.rotate(id, 'two')
  expect(await cache.getSecretString(id)).toBe('two')
  fake.inject({ operation: 'GetSecretValue', answer: 'old', times: 1 })
  const refreshed = cache.refreshNow(id)
  await clock.advance(1_000)
  expect((await refreshed).text()).toBe('two')
  expect(moves).toEqual([detail.versionId])
})
