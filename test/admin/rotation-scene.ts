import { SecretCache, type SecretCacheOptions } from '../../src/index.js'
import { createRotationHandler } from '../../src/rotation/index.js'
import { FakeSecretsManager, ManualClock } from '../../src/testing/index.js'
import { settled } from '../support/deferred-source.js'

const RotationLambdaARN = 'arn:aws:lambda:eu-west-1:123456789012:function:rotate'
const caches: SecretCache[] = []

/** Closes the caches of a test. */
export function closeCaches(): Promise<unknown> {
  return Promise.all(caches.splice(0).map(cache => cache.close()))
}

/** A cache, the service behind it, and the time. */
export interface RotationScene {
  clock: ManualClock
  fake: FakeSecretsManager
  cache: SecretCache
  /** Lets time pass until a promise is settled. */
  pass<T>(promise: Promise<T>): Promise<T>
  /** Lets everything happen up to the first step of a rotation, and to the waiting for it. */
  begun(): Promise<void>
}

/** A secret whose rotation is the real handler with an engine that does nothing but count. */
export async function setUp({
  before = async () => {},
  configured = true,
  options = {},
}: {
  before?: (step: string) => Promise<void>
  configured?: boolean
  options?: SecretCacheOptions
} = {}): Promise<RotationScene> {
  const clock = new ManualClock()
  let made = 0
  let isSetUp = false
  const fake: FakeSecretsManager = new FakeSecretsManager({
    secrets: { key: 'key-0' },
    clock,
    async rotation(event) {
      if (isSetUp) await before(event.Step)
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
  await fake.idle()
  isSetUp = true
  fake.resetCalls()
  const cache = new SecretCache({ client: fake.client(), clock, ...options })
  caches.push(cache)

  async function pass<T>(promise: Promise<T>): Promise<T> {
    let isOver = false
    const over = (): void => {
      isOver = true
    }
    promise.then(over, over)
    while (!isOver) {
      await settled()
      await clock.advance(100)
    }
    return promise
  }

  async function begun(): Promise<void> {
    while (fake.rotations.at(-1)?.step === undefined || fake.count('RotateSecret') === 0) await settled()
    await settled()
  }
  return { clock, fake, cache, pass, begun }
}
