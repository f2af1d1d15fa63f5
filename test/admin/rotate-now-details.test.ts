import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { rotateNow } from '../../src/admin/index.js'
import { loadSdk } from '../../src/core/loads/sdk.js'
import type { FakeCommand, FakeSecretsManager } from '../../src/testing/index.js'
import { settled } from '../support/deferred-source.js'
import { rejectionOf } from '../support/rejection.js'
import { newSignal } from '../support/signal.js'
import { closeCaches, setUp } from './rotation-scene.js'

// Its import takes time that the manual clock knows nothing of.
beforeAll(() => loadSdk())
afterEach(closeCaches)

const never = (): Promise<void> => newSignal().happened

type Answer = (real: () => Promise<object>, input: object) => unknown

/** A client, none of the SDK, some of whose calls are answered otherwise, and the calls that it was given. */
function answering(fake: FakeSecretsManager, answers: Record<string, Answer>) {
  const calls: string[] = []
  const { send } = fake.client()
  const client = {
    async send(command: FakeCommand): Promise<object> {
      const operation = command.constructor.name.replace(/Command$/, '')
      calls.push(operation)
      const real = (): Promise<object> => send(command)
      return (await (answers[operation]?.(real, command.input) ?? real())) as object
    },
  }
  return { client, calls }
}

const failed = (name: string) => (): never => {
  throw Object.assign(new Error('It failed.'), { name })
}

it('costs the cache two loads, where an event tells that the rotation is over', async () => {
  const { cache, fake } = await setUp()
  fake.onEvent(event => cache.handleRotationEvent(event))
  await rotateNow(cache, 'key')
  expect(cache.stats().loads).toBe(2)
})

it('loads the new version once more where it was made invalid as soon as it came', async () => {
  const { cache, fake, pass } = await setUp()
  fake.onEvent(event => cache.handleRotationEvent(event))
  cache.on('rotated', () => cache.invalidate('key'))
  await pass(rotateNow(cache, 'key'))
  expect(cache.stats().loads).toBe(3)
})

it('looks for the last time a quarter before the end, where the whole wait is short', async () => {
  const go = newSignal()
  const { cache, clock, pass, begun } = await setUp({ before: () => go.happened })
  const rotated = rotateNow(cache, 'key', { waitMs: 1_000 })
  await begun()
  await clock.advance(600)
  go.happen()
  expect((await pass(rotated)).text()).toBe('key-1')
})

it.each([
  ['is over', async () => {}],
  ['is not over in time', never],
])('listens to the cache no longer when the rotation %s', async (_, before) => {
  const { cache, pass } = await setUp({ before })
  let listeners = 0
  const on = cache.on.bind(cache)
  vi.spyOn(cache, 'on').mockImplementation((event, listener) => {
    listeners += 1
    const stop = on(event, listener)
    const counted = (): void => {
      listeners -= 1
      stop()
    }
    return Object.assign(counted, { [Symbol.dispose]: counted })
  })
  const rotating = rotateNow(cache, 'key', { waitMs: 5_000 }).catch(() => {})
  await settled()
  expect(listeners).toBe(1)
  await pass(rotating)
  expect(listeners).toBe(0)
})

it('a call that has asked for no rotation yet leaves the cache as it is', async () => {
  const { cache, fake, pass } = await setUp()
  await cache.getSecretString('key')
  fake.inject({ operation: 'GetSecretValue', hang: true, times: 1 })
  await pass(rejectionOf(rotateNow(cache, 'key', { waitMs: 1_000 })))
  fake.resetCalls()
  expect([await cache.getSecretString('key'), fake.count()]).toEqual(['key-0', 0])
})

it('waits for the version of its token where the service answers with nothing', async () => {
  const { cache, fake, pass } = await setUp()
  const { client } = answering(fake, { RotateSecret: real => real().then(() => null) })
  const clientRequestToken = 'a'.repeat(32)
  expect((await pass(rotateNow(cache, 'key', { client, clientRequestToken }))).versionId).toBe(clientRequestToken)
})

it('is told at once of a version that exists, if the token is not one of the caller', async () => {
  const { cache, fake, pass } = await setUp()
  const { client } = answering(fake, { RotateSecret: failed('ResourceExistsException') })
  expect((await pass(rejectionOf(rotateNow(cache, 'key', { client })))).code).toBe('ERR_SECRET_REQUEST')
})

describe('beside a rotation that was under way before', () => {
  async function underWay(before: () => Promise<void> = never) {
    const scene = await setUp({ before })
    scene.fake.perform('RotateSecret', { SecretId: 'key' })
    return scene
  }

  it('an answer about it that names no versions is asked for again', async () => {
    const go = newSignal()
    const { cache, fake, pass } = await underWay(() => go.happened)
    const { client, calls } = answering(fake, {
      DescribeSecret: async real => {
        const { VersionIdsToStages, ...others } = (await real()) as { VersionIdsToStages?: object }
        return described() > 1 ? { ...others, VersionIdsToStages } : others
      },
    })
    const described = () => calls.filter(operation => operation === 'DescribeSecret').length
    const rotated = rotateNow(cache, 'key', { client })
    while (described() < 2) await pass(settled())
    go.happen()
    expect((await pass(rotated)).text()).toBe('key-1')
  })

  it('the secret is not read while its version is not known', async () => {
    const { cache, fake, pass } = await underWay()
    fake.inject({ operation: 'DescribeSecret', error: 'InternalServiceError' })
    await pass(rejectionOf(rotateNow(cache, 'key', { waitMs: 10_000 })))
    expect(fake.count('DescribeSecret')).toBeGreaterThan(1)
    expect(cache.stats().loads).toBe(1)
  })

  it('missing credentials end the waiting, and are told with what they were for', async () => {
    const { cache, fake, pass } = await underWay()
    const { client } = answering(fake, { DescribeSecret: failed('CredentialsProviderError') })
    const error = await pass(rejectionOf(rotateNow(cache, 'key', { client })))
    expect(error).toMatchObject({
      code: 'ERR_SECRET_CREDENTIALS',
      secretId: 'key',
      message:
        'The secret key is being rotated, and its pending version is not known: It failed. The role needs secretsmanager:DescribeSecret to wait for a rotation that was under way before.',
    })
  })
})

it('a rotation after which one other has written is over, which takes a read by the same client and no other right', async () => {
  const last = newSignal()
  const { cache, fake, pass, begun } = await setUp({
    before: step => (step === 'finishSecret' ? last.happened : Promise.resolve()),
  })
  const { client, calls } = answering(fake, { DescribeSecret: failed('AccessDeniedException') })
  const rotated = rotateNow(cache, 'key', { client })
  await begun()
  last.happen()
  await fake.idle()
  fake.put('key', 'by hand')
  expect((await pass(rotated)).text()).toBe('by hand')
  expect(calls).toEqual(['RotateSecret', 'GetSecretValue'])
})

it('a rotation that was given up is not over because an earlier one is', async () => {
  let isFirst = true
  const { cache, clock, fake, pass } = await setUp({ before: () => (isFirst ? Promise.resolve() : never()) })
  await pass(rotateNow(cache, 'key'))
  isFirst = false
  await clock.advance(60_000)
  const failing = rejectionOf(rotateNow(cache, 'key', { waitMs: 30_000 }))
  while (fake.count('RotateSecret') < 2) await settled()
  await settled()
  const pending = fake.rotations.at(-1)?.versionId
  const version = { ClientRequestToken: pending, SecretString: 'half', VersionStages: ['AWSPENDING'] }
  fake.perform('PutSecretValue', { SecretId: 'key', ...version })
  fake.perform('UpdateSecretVersionStage', { SecretId: 'key', VersionStage: 'AWSPENDING', RemoveFromVersionId: pending })
  fake.put('key', 'by hand')
  expect((await pass(failing)).code).toBe('ERR_SECRET_TIMEOUT')
})

it.each([
  ['which version is being made', 'DescribeSecret'],
  ['whether its version was current', 'GetSecretValue'],
])('the question %s ends when the caller gives up', async (_, operation) => {
  const abort = new AbortController()
  const { cache, fake, pass } = await setUp({ before: never })
  if (operation === 'DescribeSecret') fake.perform('RotateSecret', { SecretId: 'key' })
  const signals: (AbortSignal | undefined)[] = []
  const client = {
    send(command: FakeCommand, options?: { abortSignal?: AbortSignal }): Promise<unknown> {
      if (command.constructor.name !== `${operation}Command`) return fake.client().send(command)
      signals.push(options?.abortSignal)
      return new Promise(() => {})
    },
  }
  const failing = rejectionOf(rotateNow(cache, 'key', { client, signal: abort.signal }))
  while (fake.count('RotateSecret') === 0) await settled()
  if (operation === 'GetSecretValue') fake.put('key', 'by hand')
  while (signals.length === 0) await pass(settled())
  abort.abort(new Error('Nobody waits any more.'))
  await failing
  expect(signals.at(-1)?.aborted).toBe(true)
})
