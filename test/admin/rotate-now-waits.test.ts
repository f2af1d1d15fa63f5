import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { putSecretValue, rotateNow } from '../../src/admin/index.js'
import { loadSdk } from '../../src/core/loads/sdk.js'
import { SecretCache } from '../../src/index.js'
import type { FakeCommand } from '../../src/testing/index.js'
import { settled } from '../support/deferred-source.js'
import { rejectionOf } from '../support/rejection.js'
import { newSignal } from '../support/signal.js'
import { closeCaches, type RotationScene, setUp } from './rotation-scene.js'

// Its import takes time that the manual clock knows nothing of.
beforeAll(() => loadSdk())
afterEach(closeCaches)

const never = (): Promise<void> => newSignal().happened

/** The time at which a call ends that is to fail, and its error. */
async function endOf({ clock, pass }: RotationScene, call: Promise<unknown>) {
  const began = clock.now()
  const error = await pass(rejectionOf(call))
  return { afterMs: clock.now() - began, code: error.code, hint: error.hint }
}

it('waits for a minute where it is not told how long', async () => {
  const { cache, clock } = await setUp({ before: never })
  let isOver = false
  const failed = rejectionOf(rotateNow(cache, 'key')).then(error => {
    isOver = true
    return error
  })
  await settled()
  await clock.advance(59_999)
  await settled()
  expect(isOver).toBe(false)
  await clock.advance(1)
  expect((await failed).message).toContain('within 60000 ms')
})

describe('waits no longer than it was told,', () => {
  it.each([
    ['the first read', 'GetSecretValue', 'never sent'],
    ['the answer to its request', 'RotateSecret', 'may have started'],
  ] as const)('whatever %s takes, and says how far it came', async (_, operation, hint) => {
    const scene = await setUp({ before: never })
    scene.fake.inject({ operation, hang: true })
    const end = await endOf(scene, rotateNow(scene.cache, 'key', { waitMs: 1_000 }))
    expect(end).toEqual({ afterMs: 1_000, code: 'ERR_SECRET_TIMEOUT', hint: expect.stringContaining(hint) })
  })

  it('whatever the last look takes', async () => {
    const scene = await setUp({ before: never })
    const ended = endOf(scene, rotateNow(scene.cache, 'key', { waitMs: 1_000 }))
    await scene.begun()
    scene.fake.inject({ operation: 'GetSecretValue', hang: true })
    expect(await ended).toEqual({ afterMs: 1_000, code: 'ERR_SECRET_TIMEOUT', hint: expect.stringContaining('It continues') })
  })

  it('whatever the look at a rotation that was under way before takes', async () => {
    const scene = await setUp({ before: never })
    scene.fake.perform('RotateSecret', { SecretId: 'key' })
    scene.fake.inject({ operation: 'DescribeSecret', hang: true })
    expect((await endOf(scene, rotateNow(scene.cache, 'key', { waitMs: 1_000 }))).afterMs).toBe(1_000)
  })

  it('whatever a write takes that was begun before, and then asks for nothing any more', async () => {
    const scene = await setUp()
    scene.fake.inject({ operation: 'PutSecretValue', delayMs: 3_000 })
    const written = putSecretValue(scene.cache, 'key', 'written')
    const end = await endOf(scene, rotateNow(scene.cache, 'key', { waitMs: 1_000 }))
    expect([end.afterMs, end.hint]).toEqual([1_000, expect.stringContaining('never sent')])
    await scene.pass(written)
    await settled()
    expect(scene.fake.count('RotateSecret')).toBe(0)
  })
})

it('looks once more shortly before the time is up', async () => {
  const go = newSignal()
  const { cache, clock, pass, begun } = await setUp({ before: () => go.happened })
  const began = clock.now()
  const rotated = rotateNow(cache, 'key', { waitMs: 20_000 })
  await begun()
  await clock.advance(19_400)
  go.happen()
  expect((await pass(rotated)).text()).toBe('key-1')
  expect(clock.now() - began).toBeLessThan(20_000)
})

it('goes on looking after a freeze, which does not count', async () => {
  const go = newSignal()
  const { fake, clock, pass, begun } = await setUp({ before: () => go.happened })
  let frozenMs = 0
  const frozen = {
    now: () => clock.now(),
    elapsedMs: () => clock.now() + frozenMs,
    setTimeout: (run: () => void, ms: number) => clock.setTimeout(run, ms),
  }
  const cache = new SecretCache({ client: fake.client(), clock: frozen })
  const rotated = rotateNow(cache, 'key')
  await begun()
  frozenMs = 3_600_000
  await clock.advance(20_000)
  go.happen()
  const began = clock.now()
  expect((await pass(rotated)).text()).toBe('key-1')
  expect(clock.now() - began).toBeLessThan(6_000)
  await cache.close()
})

describe('a rotation that has finished', () => {
  it('is over, however many versions others have written since', async () => {
    const last = newSignal()
    const { cache, fake, pass, begun } = await setUp({
      before: step => (step === 'finishSecret' ? last.happened : Promise.resolve()),
    })
    const rotated = rotateNow(cache, 'key')
    await begun()
    last.happen()
    await fake.idle()
    for (const value of ['three', 'four', 'five']) fake.put('key', value)
    expect((await pass(rotated)).text()).toBe('five')
  })

  it('is over though the answer to the request was lost, and the repetition came after it', async () => {
    const { cache, fake, pass } = await setUp()
    const client = fake.client()
    const repeating = {
      async send(command: FakeCommand) {
        const first = await client.send(command)
        if (command.constructor.name !== 'RotateSecretCommand') return first
        await fake.idle()
        return client.send(command).catch(error => {
          throw Object.assign(error as Error, { $metadata: { attempts: 2 } })
        })
      },
    }
    expect((await pass(rotateNow(cache, 'key', { client: repeating }))).text()).toBe('key-1')
  })

  it('is not made again by the same token: what came after it is what counts', async () => {
    const { cache, fake, pass } = await setUp()
    const clientRequestToken = '5f0c9e9c-6d3a-4a55-9a0e-3d2f8f6a1b77'
    expect((await pass(rotateNow(cache, 'key', { clientRequestToken }))).versionId).toBe(clientRequestToken)
    expect((await pass(rotateNow(cache, 'key', { clientRequestToken }))).text()).toBe('key-1')
    fake.put('key', 'by hand')
    expect((await pass(rotateNow(cache, 'key', { clientRequestToken }))).text()).toBe('by hand')
    expect(fake.rotations.filter(({ versionId }) => versionId === clientRequestToken)).toHaveLength(1)
  })

  it('is seen where the cache follows another label', async () => {
    const { cache, pass } = await setUp({ options: { versionStage: 'AWSPREVIOUS' } })
    expect((await pass(rotateNow(cache, 'key'))).text()).toBe('key-1')
    expect(await cache.getSecretString('key')).toBe('key-0')
  })
})

describe.each(['createSecret', 'setSecret', 'finishSecret'])('beside a rotation that is stuck in %s', stuckIn => {
  async function stuck() {
    const go = newSignal()
    const scene = await setUp({ before: step => (step === stuckIn ? go.happened : Promise.resolve()) })
    await scene.cache.getSecretString('key')
    scene.fake.perform('RotateSecret', { SecretId: 'key' })
    while (scene.fake.rotations.at(-1)?.step !== stuckIn) await settled()
    return { ...scene, go }
  }

  it('a version that is written by hand is not taken for the new one', async () => {
    const scene = await stuck()
    const ended = endOf(scene, rotateNow(scene.cache, 'key', { waitMs: 30_000 }))
    while (scene.fake.count('RotateSecret') === 0) await settled()
    scene.fake.put('key', 'by hand')
    expect(await ended).toMatchObject({ afterMs: 30_000, code: 'ERR_SECRET_TIMEOUT' })
    expect(await scene.cache.getSecretString('key')).toBe('by hand')
  })

  it('the new version is waited for, also where one was written by hand meanwhile', async () => {
    const { cache, fake, go, pass } = await stuck()
    const rotated = rotateNow(cache, 'key')
    while (fake.count('RotateSecret') === 0) await settled()
    fake.put('key', 'by hand')
    go.happen()
    expect((await pass(rotated)).text()).toBe('key-1')
  })
})

describe('beside a rotation that was under way before', () => {
  async function underWay(before: () => Promise<void> = never) {
    const scene = await setUp({ before })
    scene.fake.perform('RotateSecret', { SecretId: 'key' })
    return scene
  }

  it('it needs the right to describe the secret, and says so', async () => {
    const { cache, fake, pass } = await underWay()
    fake.inject({ operation: 'DescribeSecret', error: 'AccessDeniedException' })
    const error = await pass(rejectionOf(rotateNow(cache, 'key')))
    expect([error.code, error.hint]).toEqual([
      'ERR_SECRET_ACCESS_DENIED',
      expect.stringContaining('secretsmanager:DescribeSecret'),
    ])
  })

  it('an old answer about it, which shows no rotation, is asked for again', async () => {
    const go = newSignal()
    const { cache, fake, pass } = await underWay(() => go.happened)
    const old = await cache.getSecret('key')
    let asked = 0
    const client = {
      async send(command: FakeCommand) {
        const answer = await fake.client().send(command)
        if (command.constructor.name !== 'DescribeSecretCommand') return answer
        asked += 1
        return asked > 1 ? answer : { ...answer, VersionIdsToStages: { [old.versionId]: ['AWSCURRENT'] } }
      },
    }
    const rotated = rotateNow(cache, 'key', { client })
    while (asked < 2) await pass(settled())
    go.happen()
    expect((await pass(rotated)).text()).toBe('key-1')
  })

  it('failures of that which pass are waited out', async () => {
    const go = newSignal()
    const { cache, fake, pass } = await underWay(() => go.happened)
    let failures = 0
    const client = {
      async send(command: FakeCommand) {
        const fails = command.constructor.name === 'DescribeSecretCommand' && failures < 2
        if (!fails) return fake.client().send(command)
        failures += 1
        throw Object.assign(new Error('Not now.'), { name: 'ThrottlingException' })
      },
    }
    const rotated = rotateNow(cache, 'key', { client })
    while (fake.count('RotateSecret') === 0) await settled()
    go.happen()
    expect([(await pass(rotated)).text(), failures]).toEqual(['key-1', 2])
  })
})

it('a rotation that somebody has given up is not over because of what is written after it', async () => {
  const scene = await setUp({ before: never })
  const { cache, fake, begun } = scene
  const ended = endOf(scene, rotateNow(cache, 'key', { waitMs: 30_000 }))
  await begun()
  const pending = fake.rotations.at(-1)?.versionId
  fake.perform('PutSecretValue', {
    SecretId: 'key',
    ClientRequestToken: pending,
    SecretString: 'half',
    VersionStages: ['AWSPENDING'],
  })
  fake.perform('UpdateSecretVersionStage', { SecretId: 'key', VersionStage: 'AWSPENDING', RemoveFromVersionId: pending })
  fake.put('key', 'by hand')
  expect((await ended).code).toBe('ERR_SECRET_TIMEOUT')
})
