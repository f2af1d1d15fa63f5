import { expect, it } from 'vitest'
import { SecretCache } from '../../src/index.js'
import { createKeyring, type Keyring } from '../../src/keyring/index.js'
import { FakeSecretsManager, ManualClock } from '../../src/testing/index.js'
import { keyNamed, signAfterMs } from './ringed.js'

/** Instances of a service, each with a cache and a keyring of its own. */
async function fleetOf(
  size: number,
): Promise<{ clock: ManualClock; fake: FakeSecretsManager; rings: Keyring[]; caches: SecretCache[] }> {
  const clock = new ManualClock()
  const fake = new FakeSecretsManager({ clock, secrets: { keys: keyNamed('old') } })
  await clock.advance(3_600_000)
  const caches = Array.from({ length: size }, () => new SecretCache({ client: fake.client(), clock }))
  const rings = await Promise.all(caches.map(cache => createKeyring({ cache, secretId: 'keys' })))
  return { clock, fake, rings, caches }
}

/** Whether each instance accepts the cookies and the key ids that each other one uses now. */
async function acceptEachOther(rings: readonly Keyring[]): Promise<boolean> {
  const pairs = rings.flatMap(signer => rings.map(verifier => [signer, verifier] as const))
  const accepted = await Promise.all(
    pairs.map(async ([signer, verifier]) => {
      const { kid, key } = signer.current
      return verifier.signer.unsign(signer.signer.sign('ann')).valid && (await verifier.find(kid)) === key
    }),
  )
  return accepted.every(each => each)
}

it('accepts every cookie and token of the others through a rotation that one hears of at once, one later and one at the end of its TTL', async () => {
  const { clock, fake, rings, caches } = await fleetOf(3)
  // The caches were filled at different times.
  for (const cache of caches) {
    await cache.refreshNow('keys')
    await clock.advance(70_000)
  }
  const event = fake.rotate('keys', keyNamed('fresh'))
  for (let second = 0; second <= 800; second += 5) {
    if (second === 5) await caches[0]?.handleRotationEvent(event)
    if (second === 95) await caches[1]?.handleRotationEvent(event)
    expect([second, await acceptEachOther(rings)]).toEqual([second, true])
    await clock.advance(5_000)
  }
  expect(rings.map(({ keys }) => keys)).toEqual(rings.map(() => [keyNamed('fresh'), keyNamed('old')]))
})

it('accepts every cookie though no instance looks up a key, and each hears of the rotation by its TTL alone', async () => {
  const { clock, fake, rings, caches } = await fleetOf(5)
  for (const cache of caches) {
    await cache.refreshNow('keys')
    await clock.advance(60_000)
  }
  fake.rotate('keys', keyNamed('fresh'))
  const rejected: number[] = []
  for (let second = 0; second <= 800; second += 1) {
    for (const { signer } of rings) {
      const signed = signer.sign('ann')
      if (!rings.every(ring => ring.signer.unsign(signed).valid)) rejected.push(second)
    }
    await clock.advance(1_000)
  }
  expect(rejected).toEqual([])
  expect(rings.map(({ keys }) => keys[0])).toEqual(rings.map(() => keyNamed('fresh')))
})

it('accepts every cookie through a rotation that is rolled back and made again, of which one instance sees only the last', async () => {
  const { clock, fake, rings, caches } = await fleetOf(2)
  const [early, late] = caches as [SecretCache, SecretCache]
  const first = rings[0]?.current.kid ?? ''
  await late.refreshNow('keys')
  const event = fake.rotate('keys', keyNamed('fresh'))
  await early.handleRotationEvent(event)
  await clock.advance(200_000)
  await early.handleRotationEvent(fake.moveCurrent('keys', first))
  await late.refreshNow('keys')
  await clock.advance(50_000)
  await early.handleRotationEvent(fake.moveCurrent('keys', event.detail.versionId))
  for (let second = 0; second <= 800; second += 5) {
    const signed = rings.map(({ signer }) => signer.sign('ann'))
    expect([second, rings.map(({ signer }) => signed.every(each => signer.unsign(each).valid))]).toEqual([second, [true, true]])
    await clock.advance(5_000)
  }
  expect(rings.map(({ keys }) => keys[0])).toEqual(rings.map(() => keyNamed('fresh')))
})

it('starts an instance in the middle of a rotation that signs with what the others know', async () => {
  const { clock, fake, rings, caches } = await fleetOf(2)
  await caches[1]?.refreshNow('keys')
  await caches[0]?.handleRotationEvent(fake.rotate('keys', keyNamed('fresh')))
  await clock.advance(1_000)
  const started = new SecretCache({ client: fake.client(), clock })
  const fleet = [...rings, await createKeyring({ cache: started, secretId: 'keys' })]
  for (let second = 0; second < 400; second += 10) {
    const signed = fleet.map(({ signer }) => signer.sign('ann'))
    expect(fleet.map(({ signer }) => signed.every(each => signer.unsign(each).valid))).toEqual([true, true, true])
    await clock.advance(10_000)
  }
  await clock.advance(signAfterMs)
  expect(fleet.map(({ keys }) => keys[0])).toEqual(fleet.map(() => keyNamed('fresh')))
})

it('makes one call per cooldown and instance for forged key ids, and one more where that finds a rotation', async () => {
  const { clock, fake, rings } = await fleetOf(3)
  const calls: number[] = []
  fake.resetCalls()
  for (let cooldown = 0; cooldown < 4; cooldown += 1) {
    for (const ring of rings) {
      const found = await Promise.all(Array.from({ length: 2_000 }, (_, n) => ring.find(`forged-${n}`)))
      expect(found.every(key => key === undefined)).toBe(true)
    }
    calls.push(fake.count())
    if (cooldown === 1) fake.rotate('keys', keyNamed('fresh'))
    await clock.advance(30_000)
  }
  expect(calls).toEqual([3, 6, 12, 15])
  expect(await acceptEachOther(rings)).toBe(true)
})
