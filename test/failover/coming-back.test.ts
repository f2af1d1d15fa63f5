import { beforeEach, describe, expect, it } from 'vitest'
import { failoverSource } from '../../src/failover/index.js'
import { type RotatedEvent, SecretCache, type SecretSource } from '../../src/index.js'
import { FakeSecretsManager } from '../../src/testing/index.js'
import { id, type Scene, setScene } from './support.js'

const other = 'prod/other'

let scene: Scene

const read = async (secretId: string, source: SecretSource = scene.source): Promise<string> =>
  source.get({ secretId, versionStage: 'AWSCURRENT' }, new AbortController()).then(
    ({ string }) => String(string),
    (error: Error) => error.name,
  )

/** One failure of another secret, by which the primary is taken to be down. */
async function oneFailure(): Promise<void> {
  const end = scene.primary.inject({ secretId: other, error: 'InternalServiceError' })
  await read(other)
  end()
  scene.replica.resetCalls()
}

beforeEach(() => {
  scene = setScene()
  for (const fake of [scene.primary, scene.replica]) fake.create(other, 'other')
})

describe('a primary that has failed once, and answers', () => {
  it('denies in a batch what it denies, whatever the replica shows', async () => {
    await oneFailure()
    scene.primary.inject({ secretId: id, error: 'AccessDeniedException' })
    const { values, errors } = (await scene.source.getMany?.([id, other], new AbortController())) ?? {}
    expect(values?.map(({ name }) => name)).toEqual([other])
    expect(errors).toMatchObject([{ code: 'AccessDeniedException' }])
    expect(scene.replica.count()).toBe(0)
  })

  it('shows which secret is meant: no other of its name is handed out', async () => {
    scene.replica.perform('DeleteSecret', { SecretId: id, ForceDeleteWithoutRecovery: true })
    scene.replica.create(id, 'orphan')
    await oneFailure()
    expect(await read(id)).toBe('one')
  })

  it('shows its newest version, though the replica lags and another secret fails again and again', async () => {
    expect(await read(id)).toBe('one')
    scene.primary.inject({ secretId: other, error: 'InternalServiceError' })
    scene.rotate('two', { replicate: false })
    for (let turn = 0; turn < 10; turn += 1) {
      await read(other)
      expect(await read(id)).toBe('two')
    }
  })

  it('is back after three answers in a row: until then a replica answers that shows the same version', async () => {
    const { get } = scene.replica.source()
    const marked: SecretSource = { get: async (...how) => ({ ...(await get(...how)), string: 'of the replica' }) }
    const { versionId } = await scene.primary.source().get({ secretId: id }, new AbortController())
    scene.replica.perform('PutSecretValue', { SecretId: id, SecretString: 'one', ClientRequestToken: versionId })
    const source = failoverSource([scene.primary.source(), marked], { clock: scene.clock })
    scene.primaryFails()
    const texts = [await read(id, source)]
    scene.primary.recover()
    for (const _ of [1, 2, 3]) texts.push(await read(id, source))
    expect(texts).toEqual([...Array(3).fill('of the replica'), 'one'])
  })

  it('is not held up by a replica that hangs', async () => {
    await oneFailure()
    scene.replica.inject({ hang: true })
    const reading = read(id)
    await scene.clock.advance(250)
    expect(await reading).toBe('one')
    expect(scene.clock.pending).toBe(0)
  })

  it('counts by the values of a batch, though one of its errors is nothing', async () => {
    const { get, getMany } = scene.primary.source()
    const primary: SecretSource = {
      get,
      getMany: async (ids, options) => ({ ...(await getMany!(ids, options)), errors: [null as never] }),
    }
    const source = failoverSource([primary, scene.replica.source()], { clock: scene.clock })
    expect(await source.getMany?.([id], new AbortController())).toMatchObject({ values: [{ name: id }], errors: [] })
  })
})

describe('a primary that answers after its head start, while a replica is being asked', () => {
  /** A read by a cache that holds the first version. */
  const race = async (fault: { error?: string } = {}): Promise<string> => {
    const cache = new SecretCache({ source: scene.source, clock: scene.clock })
    await cache.getSecretString(id)
    await oneFailure()
    scene.rotate('two', { replicate: false })
    scene.primary.inject({ ...fault, secretId: id, delayMs: 300 })
    scene.replica.inject({ secretId: id, delayMs: 150 })
    const reading = cache.refreshNow(id).then(
      secret => secret.text(),
      (error: { cause?: Error }) => String(error.cause?.name),
    )
    await scene.clock.advance(1_000)
    return reading
  }

  it('counts, though the replica shows the version that is held', async () => {
    expect(await race()).toBe('two')
  })

  it('counts, though it has gone back to the version before the one that is held', async () => {
    const cache = new SecretCache({ source: scene.source, clock: scene.clock })
    const { versionId: first } = await cache.getSecret(id)
    const second = scene.rotate('two', { replicate: false })
    scene.replica.perform('PutSecretValue', { SecretId: id, SecretString: 'two', ClientRequestToken: second })
    await cache.refreshNow(id)
    await oneFailure()
    scene.primary.perform('UpdateSecretVersionStage', {
      SecretId: id,
      VersionStage: 'AWSCURRENT',
      MoveToVersionId: first,
      RemoveFromVersionId: second,
    })
    const refreshed = cache.refreshNow(id)
    await scene.clock.advance(5_000)
    expect((await refreshed).text()).toBe('one')
  })

  it('counts for a batch too, with what it denies', async () => {
    await oneFailure()
    scene.primary.inject({ delayMs: 300 })
    scene.primary.inject({ secretId: id, error: 'AccessDeniedException' })
    scene.replica.inject({ delayMs: 150 })
    const batch = scene.source.getMany?.([id, other], new AbortController())
    await scene.clock.advance(1_000)
    expect(await batch).toMatchObject({ values: [{ name: other }], errors: [{ code: 'AccessDeniedException' }] })
  })

  it('counts, if it denies the read', async () => {
    expect(await race({ error: 'AccessDeniedException' })).toBe('AccessDeniedException')
  })

  it('does not count, if it fails', async () => {
    expect(await race({ error: 'InternalServiceError' })).toBe('one')
  })
})

it('a denial that takes longer than the head start ends what a replica shows, however often other secrets fail', async () => {
  const cache = new SecretCache({
    source: scene.source,
    clock: scene.clock,
    ttlMs: 60_000,
    ttlJitter: 0,
    staleWhileRevalidateMs: 0,
    staleWaitMs: 5_000,
  })
  expect(await cache.getSecretString(id)).toBe('one')
  scene.primary.inject({ secretId: other, error: 'InternalServiceError' })
  scene.primary.inject({ secretId: id, error: 'AccessDeniedException', delayMs: 400 })
  const outcomes: string[] = []
  for (let minute = 0; minute < 4; minute += 1) {
    await scene.clock.advance(61_000)
    await read(other)
    const reading = cache.getSecretString(id).catch((error: { code: string }) => error.code)
    await scene.clock.advance(1_000)
    outcomes.push(await reading)
  }
  expect(outcomes.slice(1)).toEqual(Array(3).fill('ERR_SECRET_ACCESS_DENIED'))
})

describe('a replica', () => {
  it('of another account is not believed once the primary has shown its own', async () => {
    const foreign = new FakeSecretsManager({ region: 'eu-central-1', accountId: '999999999999', clock: scene.clock })
    foreign.create(id, 'of another account')
    foreign.create(other, 'of another account')
    const source = failoverSource([scene.primary.source(), foreign.source()], { clock: scene.clock })
    expect(await read(id, source)).toBe('one')
    scene.primaryFails()
    expect(await read(id, source)).toBe('ServiceUnavailable')
    expect(await read(other, source)).toBe('ServiceUnavailable')
    expect(await source.getMany?.([id, other], new AbortController())).toMatchObject({ values: [] })
  })

  it('is not believed with a secret that is named like the full ARN of another', async () => {
    const { arn } = await scene.source.get({ secretId: id }, new AbortController())
    const lookalike = arn.slice(arn.indexOf(id))
    scene.replica.create(lookalike, 'another secret')
    scene.replica.perform('DeleteSecret', { SecretId: id, ForceDeleteWithoutRecovery: true })
    scene.primaryFails()
    const unknown = { get: scene.replica.source().get }
    const source = failoverSource([scene.primary.source(), unknown], { clock: scene.clock })
    scene.primary.recover()
    expect(await read(arn, source)).toBe('one')
    scene.primaryFails()
    expect(await read(arn, source)).toBe('ServiceUnavailable')
  })

  it('never goes back to a version that the primary has left, and leaves the word to one that was promoted', async () => {
    const promoted = new FakeSecretsManager({
      region: 'eu-north-1',
      clock: scene.clock,
      secrets: { [id]: 'one', [other]: 'other' },
    })
    const regions = [scene.primary, scene.replica, promoted].map(fake => fake.source())
    const cache = new SecretCache({
      source: failoverSource(regions, { clock: scene.clock }),
      clock: scene.clock,
      ttlMs: 1_000,
      ttlJitter: 0,
      staleWhileRevalidateMs: 0,
    })
    const rotated: RotatedEvent[] = []
    cache.on('rotated', event => rotated.push(event))
    await cache.getSecret(id)
    scene.rotate('two', { replicate: false })
    await scene.clock.advance(2_000)
    expect(await cache.getSecretString(id)).toBe('two')
    scene.primaryFails()
    for (const value of ['two', 'three']) promoted.put(id, value)
    const values = new Set<string>()
    for (let turn = 0; turn < 30; turn += 1) {
      await scene.clock.advance(10_000)
      values.add(await cache.getSecretString(id))
    }
    expect([...values]).toEqual(['two', 'three'])
    expect(rotated).toHaveLength(2)
  })

  it('is not believed sooner because the clock was set forward', async () => {
    await scene.outcome()
    scene.rotate('two')
    scene.primaryFails()
    await scene.outcome()
    scene.clock.set(scene.clock.now() + 3_600_000)
    await scene.clock.advance(1_000)
    expect(await scene.outcome()).toBe('ServiceUnavailable')
  })
})
