import { expect, it } from 'vitest'
import { createRotationHandler, type RotationEngine } from '../../src/rotation/index.js'
import { FakeSecretsManager } from '../../src/testing/index.js'
import { notedEngine } from './support.js'

const token = 'b'.repeat(32)
const step = { ClientRequestToken: token, Step: 'finishSecret' } as const

/** What a step fails with, whose version has a value. */
async function failureOf(engine: RotationEngine, event: object = {}) {
  const fake = new FakeSecretsManager({ secrets: { key: 'old-key' }, rotation: () => new Promise(() => {}) })
  const version = { ClientRequestToken: token, SecretString: 'pending-key', VersionStages: ['AWSPENDING'] }
  const secretId = String(fake.perform('PutSecretValue', { SecretId: 'key', ...version }).ARN)
  const handler = createRotationHandler({ engine, client: fake.client() })
  const error = await handler({ ...step, SecretId: secretId, ...event }).catch((reason: unknown) => reason)
  return { error: error as Error, secretId }
}

const throwing = (thrown: unknown) => (): never => {
  throw thrown
}

const unreadable = new Proxy({}, { get: throwing('planted-value'), getPrototypeOf: throwing('planted-value') })

it('what cannot be read of an error is told, with the step and the secret', async () => {
  const { error, secretId } = await failureOf(notedEngine('x', { setSecret: throwing(unreadable) }), { Step: 'setSecret' })
  const message = `setSecret of ${secretId} failed: the error is not readable`
  expect(error).toMatchObject({ code: 'ERR_ROTATION_STEP', secretId, message })
})

it.each([
  [new Error('planted-value'), 'the question failed: Error'],
  [unreadable, 'the question failed: the error is not readable'],
])(
  'a system that cannot be asked whether it accepts a version leaves AWSCURRENT, and says which version',
  async (thrown, why) => {
    const { error, secretId } = await failureOf({ ...notedEngine(), refuses: throwing(thrown) })
    const version = `secret version ${token} of secret ${secretId}`
    const message = `Whether the system accepts ${version} is not known, so AWSCURRENT stays where it is until Secrets Manager tries again: ${why}`
    expect(error).toMatchObject({ code: 'ERR_ROTATION_STEP', secretId, message })
  },
)

it('a system that rejects a version leaves AWSCURRENT, and says which version and what to do', async () => {
  const { error, secretId } = await failureOf({ ...notedEngine(), refuses: () => true })
  const version = `secret version ${token} of secret ${secretId}`
  expect(error.message).toBe(
    `The system rejects ${version}, so AWSCURRENT stays where it is. Rotate again: the steps before this one make the system accept it.`,
  )
})

it('an event that names no secret is an error without one', async () => {
  const { error } = await failureOf(notedEngine(), { SecretId: 7 })
  expect(error).toMatchObject({ code: 'ERR_ROTATION_STEP', secretId: '' })
})
