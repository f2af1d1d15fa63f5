import { expect, it } from 'vitest'
import { SecretCache } from '../../src/index.js'
import { createKeyring } from '../../src/keyring/index.js'
import { FakeSecretsManager, ManualClock } from '../../src/testing/index.js'
import { settled } from '../support/deferred-source.js'
import { rejectionOf } from '../support/rejection.js'
import { keyNamed, ringed, signAfterMs } from './ringed.js'

const [older, old, fresh, newest] = ['older', 'old', 'fresh', 'newest'].map(keyNamed) as [string, string, string, string]

it('holds the two labelled versions from the start, with one call for each', async () => {
  const { ring, ids, reads } = await ringed()
  expect(reads()).toEqual(['AWSCURRENT', 'AWSPREVIOUS'])
  expect(ring.current).toEqual({ kid: ids.old, key: old })
  expect(ring.keys).toEqual([old, older])
  expect([await ring.find(ids.old ?? ''), await ring.find(ids.older ?? '')]).toEqual([old, older])
  expect(reads()).toEqual([])
})

it('has one key while there is no AWSPREVIOUS', async () => {
  const fake = new FakeSecretsManager({ secrets: { keys: old } })
  await using cache = new SecretCache({ client: fake.client() })
  using ring = await createKeyring({ cache, secretId: 'keys' })
  expect(ring.keys).toEqual([old])
  const event = fake.rotate('keys', fresh)
  await cache.handleRotationEvent(event)
  expect(ring.keys).toEqual([old, fresh])
  expect(ring.current).toEqual({ kid: event.detail.versionId, key: fresh })
})

it('takes the version before as the previous one, without a call beside that of the rotation', async () => {
  const { ring, ids, reads, rotate } = await ringed()
  reads()
  await rotate('fresh')
  expect(reads()).toEqual(['AWSCURRENT'])
  expect(ring.current).toEqual({ kid: ids.fresh, key: fresh })
  expect(ring.keys).toEqual([old, fresh])
  expect(await ring.find(ids.old ?? '')).toBe(old)
  await rotate('newest')
  expect(ring.current.key).toBe(newest)
  expect(ring.keys).toEqual([fresh, newest])
})

it('notices a rotation that nobody announces, though nobody reads the secret', async () => {
  const { ring, clock, reads, rotate } = await ringed()
  reads()
  await rotate('fresh', { announced: false })
  await clock.advance(299_999)
  expect([ring.current.key, reads()]).toEqual([old, []])
  await clock.advance(10_001)
  expect([ring.current.key, reads()]).toEqual([fresh, ['AWSCURRENT']])
})

it('moves back with the label', async () => {
  const { ring, ids, rotate, moveBackTo } = await ringed()
  await rotate('fresh')
  await moveBackTo('old')
  expect(ring.current).toEqual({ kid: ids.old, key: old })
  expect(ring.keys).toEqual([old, fresh])
})

it('reads AWSPREVIOUS after a rotation if it may have missed one', async () => {
  const { ring, ids, clock, fake, reads, rotate } = await ringed()
  await rotate('missed', { announced: false })
  fake.inject({ error: 'InternalServiceError' })
  await clock.advance(signAfterMs + 60_000)
  fake.recover()
  reads()
  await rotate('newest')
  expect(reads()).toEqual(['AWSCURRENT', 'AWSPREVIOUS'])
  expect(ring.keys).toEqual([keyNamed('missed'), newest])
  expect(await ring.find(ids.missed ?? '')).toBe(keyNamed('missed'))
})

it('goes on reading AWSPREVIOUS until that succeeds', async () => {
  const { ring, clock, fake, failPrevious, rotate } = await ringed()
  await rotate('missed', { announced: false })
  fake.inject({ error: 'InternalServiceError' })
  await clock.advance(signAfterMs + 60_000)
  fake.recover()
  failPrevious('InternalServiceError')
  await rotate('newest')
  expect(ring.keys).toEqual([old, newest])
  failPrevious(undefined)
  await clock.advance(30_000)
  expect(ring.keys).toEqual([keyNamed('missed'), newest])
})

it('reads AWSCURRENT again if it moves between the two reads of the start', async () => {
  const fake = new FakeSecretsManager({ secrets: { keys: older } })
  fake.put('keys', old)
  const client = fake.client()
  await using cache = new SecretCache({ client })
  const reading = cache.getSecret('keys')
  await reading
  fake.rotate('keys', fresh)
  using ring = await createKeyring({ cache, secretId: 'keys' })
  expect(ring.current.key).toBe(fresh)
  expect(ring.keys).toEqual([old, fresh])
})

it('does not take an AWSPREVIOUS that the cache had read long before', async () => {
  const { cache, rotate } = await ringed()
  await rotate('fresh')
  using other = await createKeyring({ cache, secretId: 'keys', signAfterMs: 0 })
  expect(other.keys).toEqual([fresh, old])
})

it('shares its loads with another keyring of the secret, and each has a state of its own', async () => {
  const clock = new ManualClock()
  const fake = new FakeSecretsManager({ clock, secrets: { keys: old } })
  const cache = new SecretCache({ client: fake.client(), clock })
  const rings = await Promise.all([0, 1].map(signAfterMs => createKeyring({ cache, secretId: 'keys', signAfterMs })))
  expect(fake.count()).toBe(2)
  await cache.handleRotationEvent(fake.rotate('keys', fresh))
  expect(fake.count()).toBe(3)
  expect(rings.map(ring => ring.keys)).toEqual([
    [fresh, old],
    [old, fresh],
  ])
  rings[0]?.close()
  await cache.handleRotationEvent(fake.rotate('keys', newest))
  expect(rings.map(ring => ring.current.key)).toEqual([fresh, newest])
})

it('rejects as the cache does if one of the versions cannot be read', async () => {
  const { cache, failPrevious } = await ringed()
  expect(await rejectionOf(createKeyring({ cache, secretId: 'other' }))).toMatchObject({
    code: 'ERR_SECRET_NOT_FOUND',
    secretId: 'other',
  })
  failPrevious('AccessDeniedException')
  cache.invalidate('keys')
  expect(await rejectionOf(createKeyring({ cache, secretId: 'keys' }))).toMatchObject({ code: 'ERR_SECRET_ACCESS_DENIED' })
})

it('keeps its keys after close, follows nothing and leaves no timer', async () => {
  const { ring, ids, clock, cache, reads, rotate } = await ringed()
  const { keys, signer } = ring
  const signed = signer.sign('ann')
  ring.close()
  ring.close()
  expect(clock.pending).toBe(0)
  reads()
  await rotate('fresh')
  expect([ring.current.key, ring.keys, keys]).toEqual([old, [old, older], ring.keys])
  expect(signer.unsign(signed)).toEqual({ valid: true, renew: false, value: 'ann' })
  expect([await ring.find(ids.old ?? ''), await ring.find(ids.fresh ?? '')]).toEqual([old, undefined])
  expect(await rejectionOf(ring.jwtKey({ kid: ids.fresh }))).toMatchObject({ code: 'ERR_SECRET_VERSION' })
  // The keyring no longer pins the secret: only the refresh of the event makes a call, if any.
  expect(reads().length).toBeLessThanOrEqual(1)
  await cache.close()
})

it('stops with the cache', async () => {
  const { ring, clock, cache } = await ringed()
  await cache.close()
  await settled()
  await clock.advance(10_000)
  expect(clock.pending).toBe(0)
  expect(ring.keys).toEqual([old, older])
})
