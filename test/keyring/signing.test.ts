import { expect, it } from 'vitest'
import { SecretCache, type SecretSource } from '../../src/index.js'
import { createKeyring } from '../../src/keyring/index.js'
import { FakeSecretsManager, ManualClock } from '../../src/testing/index.js'
import { keyNamed, ringed, signAfterMs } from './ringed.js'

const [older, old, fresh, newest] = ['older', 'old', 'fresh', 'newest'].map(keyNamed) as [string, string, string, string]

it('signs with the previous key until the other processes have learned of the rotation, and verifies with both', async () => {
  const { ring, clock, rotate } = await ringed()
  const { keys, passwords, signer } = ring
  const [sealsFirst] = Object.values(passwords)
  const before = signer.sign('ann')
  await rotate('fresh')
  await clock.advance(signAfterMs - 1)
  expect(keys).toEqual([old, fresh])
  expect(Object.values(passwords)).toEqual([sealsFirst])
  expect(signer.sign('ann')).toBe(before)
  await clock.advance(1)
  expect(keys).toEqual([fresh, old])
  expect(Object.values(passwords)).toEqual([fresh])
  const after = signer.sign('ann')
  expect(after).not.toBe(before)
  expect(signer.unsign(after)).toEqual({ valid: true, renew: false, value: 'ann' })
  expect(signer.unsign(before)).toEqual({ valid: true, renew: true, value: 'ann' })
  expect([ring.keys === keys, ring.passwords === passwords]).toEqual([true, true])
  await rotate('newest')
  expect(signer.unsign(before)).toEqual({ valid: false, renew: false, value: null })
})

it('does not renew a cookie that another process has signed with the new key already', async () => {
  const { ring, clock, cache, rotate } = await ringed()
  using ahead = await createKeyring({ cache, secretId: 'keys', signAfterMs: 0 })
  await rotate('fresh')
  expect(ring.signer.unsign(ahead.signer.sign('ann'))).toEqual({ valid: true, renew: false, value: 'ann' })
  await clock.advance(signAfterMs)
  expect(ring.signer.sign('ann')).toBe(ahead.signer.sign('ann'))
})

it('signs with the new key at once if signAfterMs is 0', async () => {
  const { ring, rotate } = await ringed({ signAfterMs: 0 })
  await rotate('fresh')
  expect(ring.keys).toEqual([fresh, old])
})

it('signs at once with a key that AWSCURRENT moves back to, because every process has it', async () => {
  const { ring, clock, rotate, moveBackTo } = await ringed()
  await rotate('fresh')
  await clock.advance(signAfterMs)
  expect(ring.keys).toEqual([fresh, old])
  await moveBackTo('old')
  expect(ring.keys).toEqual([old, fresh])
})

it('begins the delay anew with each rotation', async () => {
  const { ring, clock, rotate } = await ringed()
  await rotate('fresh')
  await clock.advance(signAfterMs - 1)
  await rotate('newest')
  await clock.advance(signAfterMs - 1)
  expect(ring.keys).toEqual([fresh, newest])
  await clock.advance(1)
  expect(ring.keys).toEqual([newest, fresh])
})

it('does not sign early if its process starts in the middle of a rotation', async () => {
  const { clock, cache, rotate } = await ringed()
  await rotate('fresh')
  await clock.advance(100_000)
  using ring = await createKeyring({ cache, secretId: 'keys' })
  expect(ring.keys).toEqual([old, fresh])
  await clock.advance(signAfterMs - 100_001)
  expect(ring.keys).toEqual([old, fresh])
  await clock.advance(1)
  expect(ring.keys).toEqual([fresh, old])
})

it('waits no longer than signAfterMs if the clocks differ', async () => {
  const clock = new ManualClock()
  const fake = new FakeSecretsManager({ secrets: { keys: old }, clock: { now: () => clock.now() + 86_400_000 } })
  fake.put('keys', fresh)
  await using cache = new SecretCache({ client: fake.client(), clock })
  using ring = await createKeyring({ cache, secretId: 'keys' })
  await clock.advance(signAfterMs - 1)
  expect(ring.keys).toEqual([old, fresh])
  await clock.advance(1)
  expect(ring.keys).toEqual([fresh, old])
})

it('counts from its start if the source does not tell when the version was created', async () => {
  const clock = new ManualClock()
  const arn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:keys-AbCdEf'
  const source: SecretSource = {
    get: async ({ versionStage = '' }) => ({
      arn,
      name: 'keys',
      versionId: versionStage === 'AWSCURRENT' ? '2' : '1',
      versionStages: [versionStage],
      string: versionStage === 'AWSCURRENT' ? fresh : old,
    }),
  }
  await using cache = new SecretCache({ source, clock })
  using ring = await createKeyring({ cache, secretId: 'keys' })
  expect(ring.keys).toEqual([old, fresh])
  expect(await ring.find('2')).toBe(fresh)
  await clock.advance(signAfterMs)
  expect(ring.keys).toEqual([fresh, old])
})

it('keeps both keys under the numbers that every process gives them', async () => {
  const { ring, clock, cache, rotate } = await ringed()
  await rotate('fresh')
  using other = await createKeyring({ cache, secretId: 'keys', signAfterMs: 0 })
  const numbers = Object.getOwnPropertyNames(ring.passwords)
  expect(Object.getOwnPropertyNames(other.passwords).sort()).toEqual(numbers.toSorted())
  expect(numbers.map(number => [ring.passwords[number], other.passwords[number]]).sort()).toEqual([
    [fresh, fresh],
    [old, old],
  ])
  expect(Object.keys(ring.passwords)).not.toEqual(Object.keys(other.passwords))
  await clock.advance(signAfterMs)
  expect(Object.keys(ring.passwords)).toEqual(Object.keys(other.passwords))
  expect(numbers.every(number => number in ring.passwords && Number.isSafeInteger(Number(number)))).toBe(true)
  expect(['toJSON', 'toString', 'constructor', '__proto__'].filter(name => name in ring.passwords)).toEqual([])
  expect(ring.keys).not.toContain(older)
})

it('signs with the new key at once if it learns late of a rotation that is old', async () => {
  const { ring, clock, cache, rotate } = await ringed()
  await rotate('fresh')
  await clock.advance(signAfterMs)
  await rotate('newest', { announced: false })
  // A frozen process runs no timers.
  clock.set(clock.now() + 14 * 86_400_000)
  await cache.getSecret('keys')
  expect([ring.current.key, ...ring.keys]).toEqual([newest, newest, fresh])
})

it('signs with the new key soon after a freeze in the middle of the wait, which counts', async () => {
  const { ring, clock, rotate } = await ringed()
  await rotate('fresh')
  await clock.advance(20_000)
  expect(ring.keys).toEqual([old, fresh])
  clock.set(clock.now() + 3_600_000)
  await clock.advance(10_000)
  expect(ring.keys).toEqual([fresh, old])
})

it('waits no longer because the wall clock is set back', async () => {
  const { ring, clock, rotate } = await ringed()
  await rotate('fresh')
  clock.set(clock.now() - 3_600_000)
  await clock.advance(signAfterMs - 1)
  expect(ring.keys).toEqual([old, fresh])
  await clock.advance(1)
  expect(ring.keys).toEqual([fresh, old])
})

it('counts from the creation of the version if it learns of it after it could not read for long', async () => {
  const { ring, clock, fake, rotate } = await ringed()
  fake.inject({ error: 'InternalServiceError' })
  await clock.advance(signAfterMs + 60_000)
  await rotate('fresh', { announced: false })
  await clock.advance(100_000)
  fake.recover()
  await clock.advance(70_000)
  expect(ring.keys).toEqual([old, fresh])
  await clock.advance(signAfterMs - 170_001)
  expect(ring.keys).toEqual([old, fresh])
  await clock.advance(1)
  expect(ring.keys).toEqual([fresh, old])
})

it('waits anew for a key that AWSCURRENT moves forward to again, after a rollback before it has signed', async () => {
  const { ring, clock, rotate, moveBackTo } = await ringed()
  await rotate('fresh')
  await clock.advance(20_000)
  await moveBackTo('old')
  expect(ring.keys).toEqual([old, fresh])
  await clock.advance(20_000)
  await moveBackTo('fresh')
  expect(ring.keys).toEqual([old, fresh])
  await clock.advance(signAfterMs - 1)
  expect(ring.keys).toEqual([old, fresh])
  await moveBackTo('old')
  expect(ring.keys).toEqual([old, fresh])
  await moveBackTo('fresh')
  await clock.advance(signAfterMs)
  expect(ring.keys).toEqual([fresh, old])
  await moveBackTo('old')
  expect(ring.keys).toEqual([old, fresh])
  await moveBackTo('fresh')
  expect(ring.keys).toEqual([fresh, old])
})

it('waits for such a key though its process has started after the rollback', async () => {
  const { clock, cache, rotate, moveBackTo } = await ringed()
  await rotate('fresh')
  await moveBackTo('old')
  await clock.advance(3_600_000)
  using ring = await createKeyring({ cache, secretId: 'keys' })
  expect(ring.keys).toEqual([old, fresh])
  await moveBackTo('fresh')
  expect(ring.keys).toEqual([old, fresh])
  await clock.advance(signAfterMs)
  expect(ring.keys).toEqual([fresh, old])
})
