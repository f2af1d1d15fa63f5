import { expect, it, vi } from 'vitest'
import { settled } from '../support/deferred-source.js'
import { rejectionOf } from '../support/rejection.js'
import { keyNamed, ringed, signAfterMs } from './ringed.js'

const [old, fresh] = ['old', 'fresh'].map(keyNamed) as [string, string]

it('finds a known key without a call, with the same promise each time', async () => {
  const { ring, ids, reads } = await ringed()
  reads()
  expect(ring.find(ids.old ?? '')).toBe(ring.find(ids.old ?? ''))
  expect(await ring.find(ids.old ?? '')).toBe(old)
  expect(reads()).toEqual([])
})

it('finds a new key that it has not heard of with one call for all', async () => {
  const { ring, reads, rotate } = await ringed()
  const kid = await rotate('fresh', { announced: false })
  reads()
  expect(await Promise.all(Array.from({ length: 100 }, () => ring.find(kid)))).toEqual(Array.from({ length: 100 }, () => fresh))
  expect(reads()).toEqual(['AWSCURRENT'])
  expect(ring.current).toEqual({ kid, key: fresh })
})

it('makes one call per cooldown, whatever number of forged ids arrives', async () => {
  const { ring, clock, reads } = await ringed()
  reads()
  for (let cooldown = 1; cooldown <= 3; cooldown += 1) {
    const found = await Promise.all(Array.from({ length: 5_000 }, (_, n) => ring.find(`forged-${cooldown}-${n}`)))
    expect(found.filter(key => key !== undefined)).toEqual([])
    await clock.advance(29_999)
    expect(await ring.find('forged')).toBeUndefined()
    expect(reads()).toEqual(['AWSCURRENT'])
    await clock.advance(1)
  }
})

it('makes one call per cooldown after a rotation, too, and reads AWSPREVIOUS once', async () => {
  const { ring, clock, reads, rotate } = await ringed({ cooldownMs: 5_000 })
  await rotate('fresh')
  reads()
  for (const label of ['AWSCURRENT', 'AWSPREVIOUS', 'AWSCURRENT', 'AWSCURRENT']) {
    await Promise.all(['a', 'b', 'c'].map(kid => ring.find(kid)))
    expect(reads()).toEqual([label])
    await clock.advance(5_000)
  }
})

it('finds the key of a version that was replaced before it heard of it', async () => {
  const { ring, ids, reads, rotate } = await ringed()
  await rotate('missed', { announced: false })
  await rotate('fresh', { announced: false })
  reads()
  expect(await ring.find(ids.missed ?? '')).toBe(keyNamed('missed'))
  expect(reads()).toEqual(['AWSCURRENT', 'AWSPREVIOUS'])
  expect(ring.keys).toEqual([keyNamed('missed'), fresh])
})

it('finds it with the next search if an event brought the version after it', async () => {
  const { ring, ids, clock, rotate } = await ringed()
  await rotate('missed', { announced: false })
  await rotate('fresh')
  expect(await ring.find(ids.missed ?? '')).toBeUndefined()
  await clock.advance(30_000)
  expect(await ring.find(ids.missed ?? '')).toBe(keyNamed('missed'))
})

it('learns from AWSPREVIOUS that AWSCURRENT has moved on', async () => {
  const { ring, clock, rotate } = await ringed({ cooldownMs: 1_000 })
  await rotate('fresh')
  await ring.find('forged')
  await clock.advance(1_000)
  const kid = await rotate('newest', { announced: false })
  expect(await ring.find(kid)).toBe(keyNamed('newest'))
  expect(ring.keys).toEqual([fresh, keyNamed('newest')])
})

it('is not led astray by an older AWSPREVIOUS', async () => {
  const { ring, clock, fake, rotate } = await ringed()
  await rotate('fresh')
  await ring.find('forged')
  await clock.advance(30_000)
  fake.inject({ answer: 'old', times: 1 })
  await ring.find('forged')
  expect(ring.keys).toEqual([old, fresh])
})

it.each([
  ['empty', ''],
  ['too long', 'x'.repeat(257)],
  ['no text', 7 as unknown as string],
  ['null', null as unknown as string],
])('makes no call for an id that is %s', async (_, kid) => {
  const { ring, reads } = await ringed()
  reads()
  expect(await ring.find(kid)).toBeUndefined()
  expect(reads()).toEqual([])
})

it('finds the version ids of sources other than Secrets Manager', async () => {
  const { ring } = await ringed()
  expect(await ring.find('7')).toBeUndefined()
})

it('rejects while the service fails, for the cooldown, because the key may exist', async () => {
  const { ring, ids, clock, fake, reads, rotate } = await ringed()
  const kid = await rotate('fresh', { announced: false })
  fake.inject({ error: 'AccessDeniedException' })
  reads()
  const [first, second] = await Promise.all([rejectionOf(ring.find(kid)), rejectionOf(ring.find('other'))])
  expect([first.code, second.code, reads()]).toEqual(['ERR_SECRET_ACCESS_DENIED', 'ERR_SECRET_ACCESS_DENIED', ['AWSCURRENT']])
  expect(first).not.toBe(second)
  fake.recover()
  expect(await rejectionOf(ring.find(kid))).toMatchObject({ code: 'ERR_SECRET_ACCESS_DENIED' })
  expect([await ring.find(ids.old ?? ''), reads()]).toEqual([old, []])
  await clock.advance(30_000)
  expect(await ring.find(kid)).toBe(fresh)
})

it('knows a key at once that an event brings within the cooldown', async () => {
  const { ring, rotate } = await ringed()
  await ring.find('forged')
  const kid = await rotate('fresh')
  expect(await ring.find(kid)).toBe(fresh)
})

it('no longer finds a key that was replaced twice', async () => {
  const { ring, ids, rotate } = await ringed()
  await rotate('fresh')
  await rotate('newest')
  expect(await ring.find(ids.old ?? '')).toBeUndefined()
})

it('makes a call for each unknown id with a cooldown of 0', async () => {
  const { ring, reads } = await ringed({ cooldownMs: 0 })
  reads()
  await ring.find('a')
  await ring.find('b')
  expect(reads()).toEqual(['AWSCURRENT', 'AWSCURRENT'])
})

it('gives token libraries a key by the header, also when it is passed on its own', async () => {
  const { ring, ids } = await ringed()
  const { jwtKey, jwtKeyCallback } = ring
  expect(await jwtKey({ kid: ids.old })).toBe(old)
  expect(await new Promise(resolve => jwtKeyCallback({ kid: ids.old }, (...given) => resolve(given)))).toEqual([null, old])
})

it.each([
  [{}, 'The token names no key of keys. Sign it with ring.current, and set kid in its header to ring.current.kid.'],
  [
    { kid: 'forged\nid' },
    'The token names a key that is neither AWSCURRENT nor AWSPREVIOUS of keys. It is forged, from another issuer, or older than two rotations: rotate no faster than tokens expire.',
  ],
])('says what is wrong with the header %o, without repeating it', async (header, message) => {
  const { ring } = await ringed()
  const error = await rejectionOf(ring.jwtKey(header))
  expect([error.code, error.message]).toEqual(['ERR_SECRET_VERSION', message])
  const [given] = await new Promise<unknown[]>(resolve => ring.jwtKeyCallback(header, (...all) => resolve(all)))
  expect(given).toMatchObject({ code: 'ERR_SECRET_VERSION', message })
})

it.each([undefined, null, 'text'])('rejects %o in place of a header as one that names no key', async header => {
  const { ring } = await ringed()
  const rejection = { code: 'ERR_SECRET_VERSION', message: expect.stringContaining('The token names no key of keys.') }
  expect(await rejectionOf(ring.jwtKey(header as never))).toMatchObject(rejection)
  const [given] = await new Promise<unknown[]>(resolve => ring.jwtKeyCallback(header as never, (...all) => resolve(all)))
  expect(given).toMatchObject(rejection)
})

it('leaves an error of the callback to the process, as any callback does', async () => {
  const { ring, ids } = await ringed()
  const thrown = new Error('thrown by the callback')
  const uncaught = vi.fn()
  const listeners = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException').once('uncaughtException', uncaught)
  try {
    ring.jwtKeyCallback({ kid: ids.old }, () => {
      throw thrown
    })
    await settled()
    await settled()
  } finally {
    process.removeAllListeners('uncaughtException')
    for (const listener of listeners) process.on('uncaughtException', listener)
  }
  expect(uncaught.mock.calls.map(([error]) => error)).toEqual([thrown])
})

it('goes on signing with the previous key after a search has found the new one', async () => {
  const { ring, clock, rotate } = await ringed()
  await ring.find(await rotate('fresh', { announced: false }))
  expect(ring.keys).toEqual([old, fresh])
  await clock.advance(signAfterMs)
  expect(ring.keys).toEqual([fresh, old])
})
