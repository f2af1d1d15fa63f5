import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { putSecretValue, type RotateNowOptions, rotateNow } from '../../src/admin/index.js'
import { loadSdk } from '../../src/core/loads/sdk.js'
import { settled } from '../support/deferred-source.js'
import { rejectionOf } from '../support/rejection.js'
import { newSignal } from '../support/signal.js'
import { closeCaches, setUp } from './rotation-scene.js'
import { name, newScene } from './support.js'

// Its import takes time that the manual clock knows nothing of.
beforeAll(() => loadSdk())
afterEach(closeCaches)

it('resolves with the version that the rotation has made, and the cache holds it', async () => {
  const { cache, pass } = await setUp()
  expect(await cache.getSecretString('key')).toBe('key-0')
  const secret = await pass(rotateNow(cache, 'key'))
  expect(secret.text()).toMatch(/^key-[1-9]/)
  expect(cache.peek('key')).toBe(secret)
})

it('resolves as soon as an event tells the cache, without time passing', async () => {
  const { cache, clock, fake } = await setUp()
  await cache.getSecretString('key')
  fake.onEvent(event => cache.handleRotationEvent(event))
  const began = clock.now()
  expect((await rotateNow(cache, 'key')).text()).toMatch(/^key-[1-9]/)
  expect(clock.now()).toBe(began)
})

it('asks for the rotation at once, and looks less and less often', async () => {
  const never = newSignal()
  const { cache, fake, pass } = await setUp({ before: () => never.happened })
  await pass(rejectionOf(rotateNow(cache, 'key', { waitMs: 60_000 })))
  expect(fake.calls.find(({ operation }) => operation === 'RotateSecret')?.input).toMatchObject({ RotateImmediately: true })
  // One to know what was current, then after about 1, 1.5, 2.3, 3.4 and then every 5 s, jittered.
  const reads = fake.count('GetSecretValue')
  expect([reads > 12, reads < 30]).toEqual([true, true])
})

it('waits for the time it was given, whatever happens to the wall clock meanwhile', async () => {
  const go = newSignal()
  const { cache, clock, pass, begun } = await setUp({ before: () => go.happened })
  const rotated = pass(rotateNow(cache, 'key', { waitMs: 60_000 }))
  await begun()
  clock.set(clock.now() + 3_600_000)
  await clock.advance(5_000)
  go.happen()
  expect((await rotated).text()).toMatch(/^key-[1-9]/)
})

it('says that the rotation is not over when the time is up, and where to look', async () => {
  const never = newSignal()
  const { cache, pass } = await setUp({ before: step => (step === 'finishSecret' ? never.happened : Promise.resolve()) })
  const error = await pass(rejectionOf(rotateNow(cache, 'key', { waitMs: 5_000 })))
  expect([error.code, error.secretId]).toEqual(['ERR_SECRET_TIMEOUT', 'key'])
  expect(error.hint).toMatch(/log of the rotation function/)
  expect(await cache.getSecretString('key')).toBe('key-0')
})

it.each<[how: string, options: () => RotateNowOptions]>([
  ['it took too long', () => ({ waitMs: 5_000 })],
  ['its caller gave it up', () => ({ signal: AbortSignal.timeout(50) })],
])('has the next read ask, since the rotation may end when %s', async (_, options) => {
  const go = newSignal()
  const { cache, fake, pass, begun } = await setUp({ before: () => go.happened })
  await cache.getSecretString('key')
  const rotating = rejectionOf(rotateNow(cache, 'key', options()))
  await begun()
  await pass(rotating)
  go.happen()
  await fake.idle()
  expect(await cache.getSecretString('key')).toMatch(/^key-[1-9]/)
})

it.each(['createSecret', 'setSecret', 'testSecret', 'finishSecret'])(
  'rejects when the time is up because %s fails, and readers are given what was current',
  async failing => {
    const { cache, fake, pass } = await setUp({
      async before(step) {
        if (step === failing) throw new Error('down')
      },
    })
    const error = await pass(rejectionOf(rotateNow(cache, 'key', { waitMs: 2_000 })))
    expect([error.code, fake.rotations.at(-1)]).toMatchObject(['ERR_SECRET_TIMEOUT', { status: 'failed', step: failing }])
    expect(await cache.getSecretString('key')).toBe('key-0')
  },
)

it('waits for a rotation that was left in the middle and is taken up', async () => {
  let fails = true
  const { cache, pass } = await setUp({
    async before(step) {
      if (step === 'finishSecret' && fails) throw new Error('down')
    },
  })
  expect((await pass(rejectionOf(rotateNow(cache, 'key', { waitMs: 1_000 })))).code).toBe('ERR_SECRET_TIMEOUT')
  fails = false
  expect((await pass(rotateNow(cache, 'key'))).text()).toMatch(/^key-[1-9]/)
})

it('finds the new version at once, also right after the secret was written from here', async () => {
  const { cache, clock, pass } = await setUp()
  await putSecretValue(cache, 'key', 'written')
  const began = clock.now()
  expect((await pass(rotateNow(cache, 'key'))).text()).toMatch(/^key-[1-9]/)
  expect(clock.now() - began).toBeLessThanOrEqual(1_500)
})

it('asks for the rotation once a write under way is done', async () => {
  const { cache, clock, fake, pass } = await setUp()
  fake.inject({ operation: 'PutSecretValue', delayMs: 500, times: 1 })
  const began = clock.now()
  const written = putSecretValue(cache, 'key', 'written')
  await pass(Promise.all([written, rotateNow(cache, 'key')]))
  const asked = fake.calls.find(({ operation }) => operation === 'RotateSecret')
  expect((asked?.atMs ?? 0) - began).toBeGreaterThanOrEqual(500)
})

it('rejects when the secret has no rotation, and says what to do', async () => {
  const { cache } = await setUp({ configured: false })
  const error = await rejectionOf(rotateNow(cache, 'key'))
  expect([error.code, error.message]).toEqual(['ERR_SECRET_REQUEST', expect.stringContaining('No Lambda rotation function ARN')])
  expect(error.hint).toMatch(/RotationSchedule/)
})

it('rejects when it may not rotate, and says what the role needs', async () => {
  const { cache, fake } = await setUp()
  fake.inject({ operation: 'RotateSecret', error: 'AccessDeniedException' })
  const error = await rejectionOf(rotateNow(cache, 'key'))
  expect([error.code, error.hint]).toEqual(['ERR_SECRET_ACCESS_DENIED', expect.stringContaining('lambda:InvokeFunction')])
})

describe('while the rotation goes on', () => {
  /** A rotation that waits before its last step until it is let go on. */
  async function underWay() {
    const last = newSignal()
    const scene = await setUp({ before: step => (step === 'finishSecret' ? last.happened : Promise.resolve()) })
    const rotating = rotateNow(scene.cache, 'key')
    await scene.begun()
    return { ...scene, rotating, finish: last.happen }
  }

  it('failures that pass are waited out', async () => {
    const { rotating, finish, clock, fake, pass } = await underWay()
    fake.inject({ operation: 'GetSecretValue', error: 'InternalServiceError' })
    await clock.advance(3_000)
    fake.recover()
    finish()
    expect((await pass(rotating)).text()).toMatch(/^key-[1-9]/)
  })

  it.each([
    ['a denial', 'AccessDeniedException', 'ERR_SECRET_ACCESS_DENIED'],
    ['a session that is over', 'CredentialsProviderError', 'ERR_SECRET_CREDENTIALS'],
    ['an endpoint that there is not', 'EndpointError', 'ERR_SECRET_CONFIG'],
  ])('%s ends the waiting', async (_, error, code) => {
    const { rotating, fake, pass } = await underWay()
    fake.inject({ operation: 'GetSecretValue', error, times: 1 })
    expect((await pass(rejectionOf(rotating))).code).toBe(code)
  })

  it('close ends the waiting at once', async () => {
    const { rotating, cache } = await underWay()
    const failed = rejectionOf(rotating)
    await cache.close()
    expect(await failed).toMatchObject({ code: 'ERR_SECRET_CACHE_CLOSED', hint: expect.stringContaining('may have started') })
  })

  it('the rotation of another secret has it look no sooner', async () => {
    const { rotating, finish, cache, fake, pass } = await underWay()
    fake.create('other', 'one')
    await cache.getSecretString('other')
    fake.resetCalls()
    await cache.handleRotationEvent(fake.rotate('other'))
    await settled()
    expect(fake.calls.map(({ input }) => input.SecretId)).toEqual(['other'])
    finish()
    await pass(rotating)
  })

  it('a second call waits for the same version', async () => {
    const { rotating, finish, cache, fake, pass } = await underWay()
    const second = rotateNow(cache, 'key')
    while (fake.count('RotateSecret') < 2) await settled()
    finish()
    const versions = await pass(Promise.all([rotating, second]))
    expect(new Set(versions.map(({ versionId }) => versionId)).size).toBe(1)
  })

  it('another may follow it before it is looked: then it is over as well', async () => {
    const { rotating, finish, fake, pass } = await underWay()
    finish()
    await fake.idle()
    const { detail } = fake.rotate('key', 'later')
    const { versionId } = await pass(rotating)
    expect(versionId).toBe(detail.versionId)
  })

  it('a version that somebody else writes is not taken for the new one', async () => {
    const { rotating, fake, cache, pass } = await underWay()
    const failed = rejectionOf(rotating)
    fake.put('key', 'by hand')
    expect((await pass(failed)).code).toBe('ERR_SECRET_TIMEOUT')
    expect(await cache.getSecretString('key')).toBe('by hand')
  })
})

it('asks for no rotation if the cache is closed before', async () => {
  const { cache, client } = newScene()
  const failed = rejectionOf(rotateNow(cache, name))
  const read = await client.call(1)
  const closed = cache.close()
  await read.answer('v1')
  await closed
  expect([(await failed).code, client.sent.length]).toEqual(['ERR_SECRET_CACHE_CLOSED', 1])
})

it.each([[-1], [Number.NaN], [Number.POSITIVE_INFINITY], ['1000']])('refuses waitMs: %s', async waitMs => {
  const { cache } = await setUp()
  await expect(rotateNow(cache, 'key', { waitMs: waitMs as number })).rejects.toThrow(/waitMs must be/)
})
