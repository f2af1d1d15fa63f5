import { expect, it } from 'vitest'
import { createRotationHandler } from '../../src/rotation/index.js'
import { type FakeCommand, FakeSecretsManager } from '../../src/testing/index.js'
import { notedEngine } from './support.js'

/** A rotation that waits at its first step, its version still empty. */
function waiting() {
  const fake = new FakeSecretsManager({ secrets: { key: 'old-key' }, rotation: () => new Promise(() => {}) })
  const RotationLambdaARN = 'arn:aws:lambda:eu-west-1:123456789012:function:rotate'
  const { ARN, VersionId } = fake.perform('RotateSecret', { SecretId: 'key', RotationLambdaARN })
  const sent: Record<string, unknown>[] = []
  const real = fake.client()
  const client = {
    send(command: FakeCommand) {
      sent.push({ ...command.input })
      return real.send(command)
    },
  }
  const event = {
    Step: 'createSecret',
    SecretId: String(ARN),
    ClientRequestToken: String(VersionId),
    RotationToken: 'rotation-token',
  } as const
  return { fake, client, event, sent }
}

it('the value of the engine becomes that of the version, as AWSPENDING, with the rotation token', async () => {
  const { client, event, sent } = waiting()
  await createRotationHandler({ engine: notedEngine('new-key'), client })(event)
  expect(sent.at(-1)).toEqual({
    SecretId: event.SecretId,
    ClientRequestToken: event.ClientRequestToken,
    RotationToken: 'rotation-token',
    SecretString: 'new-key',
    VersionStages: ['AWSPENDING'],
  })
})

it('an event without a rotation token sends none', async () => {
  const { client, event, sent } = waiting()
  const { RotationToken: _, ...older } = event
  await createRotationHandler({ engine: notedEngine(), client })(older)
  expect(sent.at(-1)).not.toHaveProperty('RotationToken')
})

it('repeated, it neither makes nor puts another value', async () => {
  const { fake, client, event } = waiting()
  const engine = notedEngine('new-key')
  const handler = createRotationHandler({ engine, client })
  await handler(event)
  await handler(event)
  expect(engine.calls).toEqual(['create from old-key'])
  expect(fake.count('PutSecretValue')).toBe(1)
})

it('a value that a read did not show yet is kept: putting another one is refused, and the next read shows it', async () => {
  const { fake, event, client } = waiting()
  const engine = notedEngine('second')
  engine.createSecret = () => {
    // An attempt before this one, whose value an eventually consistent read has not shown.
    const { SecretId, ClientRequestToken } = event
    fake.perform('PutSecretValue', { SecretId, ClientRequestToken, SecretString: 'first', VersionStages: ['AWSPENDING'] })
    return 'second'
  }
  await createRotationHandler({ engine, client })(event)
  expect(fake.perform('GetSecretValue', { SecretId: 'key', VersionStage: 'AWSPENDING' }).SecretString).toBe('first')
})

it('a secret without a current version cannot be rotated', async () => {
  const { fake, event, client } = waiting()
  fake.inject({ operation: 'GetSecretValue', error: 'ResourceNotFoundException' })
  await expect(createRotationHandler({ engine: notedEngine(), client })(event)).rejects.toThrow(
    `The secret ${event.SecretId} could not be found, or has no AWSCURRENT version.`,
  )
})

it('any failure to read AWSPENDING but its absence ends the step before a password is made', async () => {
  const { fake, event, client } = waiting()
  const engine = notedEngine()
  const read = client.send
  let reads = 0
  client.send = command => {
    if (command.constructor.name === 'GetSecretValueCommand' && ++reads === 2) {
      fake.inject({ operation: 'GetSecretValue', error: 'InternalServiceError', times: 1 })
    }
    return read(command)
  }
  await expect(createRotationHandler({ engine, client })(event)).rejects.toThrow('GetSecretValue of arn:')
  expect(engine.calls).toEqual([])
})

it.each(['setSecret', 'testSecret'] as const)('%s before createSecret says that there is no value yet', async Step => {
  const { event, client } = waiting()
  await expect(createRotationHandler({ engine: notedEngine(), client })({ ...event, Step })).rejects.toThrow('has no value yet')
})

it('a binary secret is refused', async () => {
  const fake = new FakeSecretsManager({ secrets: { key: new Uint8Array([1]) }, rotation: () => new Promise(() => {}) })
  const RotationLambdaARN = 'arn:aws:lambda:eu-west-1:123456789012:function:rotate'
  const { ARN, VersionId } = fake.perform('RotateSecret', { SecretId: 'key', RotationLambdaARN })
  const handler = createRotationHandler({ engine: notedEngine(), client: fake.client() })
  const event = { Step: 'createSecret', SecretId: String(ARN), ClientRequestToken: String(VersionId) } as const
  await expect(handler(event)).rejects.toThrow('is binary; only text can be rotated')
})

it('an engine that makes no text fails the step', async () => {
  const { event, client } = waiting()
  const engine = notedEngine('x', { createSecret: () => 7 as never })
  await expect(createRotationHandler({ engine, client })(event)).rejects.toThrow(
    `createSecret of ${event.SecretId} failed: the engine returned a value that is not text`,
  )
})
