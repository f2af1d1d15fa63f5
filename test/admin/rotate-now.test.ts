import { afterEach, expect, it } from 'vitest'
import { rotateNow } from '../../src/admin/index.js'
import { SecretCache } from '../../src/index.js'
import { createRotationHandler } from '../../src/rotation/index.js'
import { FakeSecretsManager, ManualClock } from '../../src/testing/index.js'
import { rejectionOf } from '../support/rejection.js'
import { newSignal } from '../support/signal.js'

const RotationLambdaARN = 'arn:aws:lambda:eu-west-1:123456789012:function:rotate'
const caches: SecretCache[] = []
afterEach(() => Promise.all(caches.splice(0).map(cache => cache.close())))

/** A secret whose rotation is the real handler with an engine that does nothing but count. */
function setUp({
  before = async () => {},
  configured = true,
}: {
  before?: (step: string) => Promise<void>
  configured?: boolean
} = {}) {
  const clock = new ManualClock()
  let made = 0
  const fake: FakeSecretsManager = new FakeSecretsManager({
    secrets: { key: 'key-0' },
    clock,
    async rotation(event) {
      await before(event.Step)
      await handler(event)
    },
  })
  const handler = createRotationHandler({
    client: fake.client(),
    engine: {
      createSecret() {
        made += 1
        return `key-${made}`
      },
      setSecret() {},
      testSecret() {},
    },
  })
  if (configured) fake.perform('RotateSecret', { SecretId: 'key', RotationLambdaARN, RotateImmediately: false })
  const cache = new SecretCache({ client: fake.client(), clock })
  caches.push(cache)
  return { clock, fake, cache }
}

it('resolves with the version that the rotation has made, and the cache holds it', async () => {
  const { cache, clock, fake } = setUp()
  await fake.idle()
  expect(await cache.getSecretString('key')).toBe('key-0')
  const rotating = rotateNow(cache, 'key')
  await clock.advance(0)
  await fake.idle()
  await clock.advance(60_000)
  const secret = await rotating
  expect(secret.text()).toMatch(/^key-[1-9]/)
  expect(cache.peek('key')).toBe(secret)
})

it('resolves as soon as an event tells the cache', async () => {
  const { cache, clock, fake } = setUp()
  await fake.idle()
  await cache.getSecretString('key')
  fake.onEvent(event => cache.handleRotationEvent(event))
  const rotating = rotateNow(cache, 'key')
  await clock.advance(0)
  await fake.idle()
  await clock.advance(0)
  expect((await rotating).text()).toMatch(/^key-[1-9]/)
})

it('says that the rotation is not over when the time is up, and where to look', async () => {
  const never = newSignal()
  const { cache, clock } = setUp({ before: step => (step === 'finishSecret' ? never.happened : Promise.resolve()) })
  const failed = rejectionOf(rotateNow(cache, 'key', { waitMs: 5_000 }))
  await clock.advance(0)
  await clock.advance(6_000)
  const error = await failed
  expect([error.code, error.secretId]).toEqual(['ERR_SECRET_TIMEOUT', 'key'])
  expect(error.hint).toMatch(/log of the rotation function/)
  expect(await cache.getSecretString('key')).toBe('key-0')
})

it('waits for a rotation that was left in the middle and is taken up', async () => {
  let fails = true
  const { cache, clock, fake } = setUp({
    before: async step => {
      if (step === 'finishSecret' && fails) throw new Error('down')
    },
  })
  await fake.idle()
  const first = rejectionOf(rotateNow(cache, 'key', { waitMs: 1_000 }))
  await clock.advance(0)
  await clock.advance(2_000)
  expect((await first).code).toBe('ERR_SECRET_TIMEOUT')
  fails = false
  const second = rotateNow(cache, 'key')
  await clock.advance(0)
  await fake.idle()
  await clock.advance(60_000)
  expect((await second).text()).toMatch(/^key-[1-9]/)
})

it('rejects when the secret has no rotation, and says so', async () => {
  const { cache } = setUp({ configured: false })
  const error = await rejectionOf(rotateNow(cache, 'key'))
  expect([error.code, error.message]).toEqual(['ERR_SECRET_REQUEST', expect.stringContaining('No Lambda rotation function ARN')])
})

it.each([[-1], [Number.NaN], [Number.POSITIVE_INFINITY], ['1000']])('refuses waitMs: %s', async waitMs => {
  const { cache } = setUp()
  await expect(rotateNow(cache, 'key', { waitMs: waitMs as number })).rejects.toThrow(TypeError)
})
