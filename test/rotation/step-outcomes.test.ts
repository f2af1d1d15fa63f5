import { expect, it } from 'vitest'
import { createRotationHandler, type RotationEngine, type RotationLogEvent } from '../../src/rotation/index.js'
import { type FakeCommand, FakeSecretsManager } from '../../src/testing/index.js'
import { rotating } from '../support/rotating.js'
import { notedEngine } from './support.js'

const token = 'b'.repeat(32)

/** A secret with an AWSPENDING version that has a value, and its handler. `answer` stands between it and the service. */
function prepared(
  engine: RotationEngine,
  answer: (command: FakeCommand, real: (command: FakeCommand) => Promise<object>) => Promise<object> = (command, real) =>
    real(command),
) {
  const fake = new FakeSecretsManager({ secrets: { key: 'old-key' }, rotation: () => new Promise(() => {}) })
  const { ARN } = fake.perform('DescribeSecret', { SecretId: 'key' })
  const version = { ClientRequestToken: token, SecretString: 'pending-key', VersionStages: ['AWSPENDING'] }
  fake.perform('PutSecretValue', { SecretId: 'key', ...version })
  const log: RotationLogEvent[] = []
  const { send } = fake.client()
  const client = { send: (command: FakeCommand) => answer(command, send as (command: FakeCommand) => Promise<object>) }
  const handler = createRotationHandler({ engine, client, log: event => log.push(event) })
  const call = (Step: 'createSecret' | 'setSecret' | 'testSecret' | 'finishSecret') =>
    handler({ Step, SecretId: String(ARN), ClientRequestToken: token })
  return { fake, log, call, secretId: String(ARN) }
}

const typesOf = (log: RotationLogEvent[]) => log.map(({ step, type }) => `${step} ${type}`)

it('every step of a rotation that has done something is logged as done', async () => {
  const log: RotationLogEvent[] = []
  const engine = notedEngine('new-key')
  const { rotate } = rotating({ key: 'old-key' }, { engine, log: event => log.push(event) })
  await rotate('key')
  expect(typesOf(log)).toEqual(['createSecret done', 'setSecret done', 'testSecret done', 'finishSecret done'])
})

it('a version that has its value already, and a system that takes it already, are logged as unchanged', async () => {
  const { call, log } = prepared(notedEngine('new-key', { setSecret: () => false }))
  await call('createSecret')
  await call('setSecret')
  expect(typesOf(log)).toEqual(['createSecret unchanged', 'setSecret unchanged'])
})

it('a value that another attempt has put first is logged as unchanged', async () => {
  const { fake, handler, events } = rotating({ key: 'old-key' }, { engine: notedEngine() })
  fake.inject({ operation: 'PutSecretValue', error: 'InternalServiceError', times: 1 })
  fake.perform('RotateSecret', { SecretId: 'key', RotationLambdaARN: 'arn:aws:lambda:eu-west-1:123456789012:function:rotate' })
  await fake.idle()
  const [event] = events
  const log: RotationLogEvent[] = []
  const engine = notedEngine('second', {
    async createSecret() {
      await handler(event!)
      return 'second'
    },
  })
  await createRotationHandler({ engine, client: fake.client(), log: told => log.push(told) })(event!)
  expect(typesOf(log)).toEqual(['createSecret unchanged'])
})

it('a value that exists and that no read shows yet fails createSecret, which the next attempt ends', async () => {
  const { call, secretId } = prepared(notedEngine(), async (command, real) => {
    const { VersionStage } = command.input as { VersionStage?: string }
    if (VersionStage !== 'AWSPENDING') return real(command)
    throw Object.assign(new Error('Not there.'), { name: 'ResourceNotFoundException' })
  })
  await expect(call('createSecret')).rejects.toMatchObject({
    code: 'ERR_ROTATION_STEP',
    secretId,
    message: `Secret version ${token} of secret ${secretId} has a value that cannot be read yet. Secrets Manager is eventually consistent; the next attempt will find it.`,
  })
})

it.each([
  ['with a reason', 'the user has a certificate', { reason: 'the user has a certificate' }],
  ['without one', undefined, {}],
])('what an engine logs %s is told so', async (_, reason, told) => {
  const engine = notedEngine('x', { setSecret: ({ log }) => log('not-rotated', reason) })
  const { call, log, secretId } = prepared(engine)
  await call('setSecret')
  const step = { step: 'setSecret', secretId, versionId: token }
  expect(log).toStrictEqual([
    { type: 'not-rotated', ...step, ...told },
    { type: 'done', ...step },
  ])
})

it('a secret without AWSPREVIOUS has no previous value', async () => {
  const previous: unknown[] = []
  const { call } = prepared(
    notedEngine('x', {
      async setSecret(context) {
        previous.push(await context.previous())
      },
    }),
  )
  await call('setSecret')
  expect(previous).toEqual([undefined])
})

it('cleans up after the version that has become current, though reads by the label are still answered with the one before', async () => {
  const engine = notedEngine()
  const { call } = prepared(engine, async (command, real) => {
    const { VersionId } = command.input as { VersionId?: string }
    if (command.constructor.name !== 'GetSecretValueCommand' || VersionId !== undefined) return real(command)
    return { SecretString: 'old-key' }
  })
  await call('finishSecret')
  expect(engine.calls).toEqual(['finish pending-key after old-key'])
})

it('cleans up by the label where the new version cannot be read by its id yet', async () => {
  const engine = notedEngine()
  const { call } = prepared(engine, async (command, real) => {
    const { VersionId, VersionStage } = command.input as { VersionId?: string; VersionStage?: string }
    if (VersionId !== token || VersionStage !== undefined) return real(command)
    throw Object.assign(new Error('Not there.'), { name: 'ResourceNotFoundException' })
  })
  await call('finishSecret')
  expect(engine.calls).toEqual(['finish pending-key after old-key'])
})
