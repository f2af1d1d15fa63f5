import { expect, it } from 'vitest'
import type { SecretCache } from '../../../src/index.js'
import { cacheOf, clock, fake, useFake } from '../../support/fake-cache.js'

const id = 'prod/key'

useFake({ [id]: 'one' })

/** How many of a read a second wait for longer than a turn of the event loop, and how many find nothing by `peek`. */
async function readsOf(cache: SecretCache, seconds: number): Promise<{ waiting: number; unseen: number }> {
  const count = { waiting: 0, unseen: 0 }
  for (let second = 0; second < seconds; second += 1) {
    let isDone = false
    const reading = cache.getSecretString(id).then(value => {
      isDone = true
      expect(value).toBe('one')
    })
    await new Promise(setImmediate)
    if (!isDone) count.waiting += 1
    if (cache.peek(id) === undefined) count.unseen += 1
    await clock.advance(1_000)
    if (second > 10) await reading
  }
  return count
}

it('after invalidate(), while the service hangs, readers wait for the first load and for none of the next', async () => {
  const cache = cacheOf()
  await cache.getSecretString(id)
  fake.inject({ hang: true })
  cache.invalidate(id)
  expect(await readsOf(cache, 60)).toEqual({ waiting: 5, unseen: 5 })
})

it('a further invalidate() has the next readers wait again', async () => {
  const cache = cacheOf()
  await cache.getSecretString(id)
  fake.inject({ hang: true })
  cache.invalidate(id)
  await readsOf(cache, 20)
  cache.invalidate(id)
  expect(cache.peek(id)).toBeUndefined()
  fake.recover()
  fake.rotate(id, 'two')
  expect(await cache.getSecretString(id)).toBe('two')
})
