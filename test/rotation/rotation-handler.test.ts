import { inspect } from 'node:util'
import { describe, expect, it, vi } from 'vitest'
import { SecretCacheError } from '../../src/core/failures/errors.js'
import { createRotationHandler, type RotationEvent, type RotationLogEvent } from '../../src/rotation/index.js'
import { type FakeCommand, FakeSecretsManager } from '../../src/testing/index.js'
import { rotating } from '../support/rotating.js'
import { notedEngine } from './support.js'

const token = 'b'.repeat(32)
const other = 'c'.repeat(32)

/** A secret with a version that a rotation has made, the handler for it, and what it logs. */
function prepared({ engine = notedEngine(), labels = ['AWSPENDING'], value = 'pending-key' } = {}) {
  const fake = new FakeSecretsManager({ secrets: { key: 'old-key' }, rotation: () => new Promise(() => {}) })
  const { ARN } = fake.perform('DescribeSecret', { SecretId: 'key' })
  fake.perform('PutSecretValue', { SecretId: 'key', ClientRequestToken: token, SecretString: value, VersionStages: labels })
  const log: RotationLogEvent[] = []
  const handler = createRotationHandler({ engine, client: fake.client(), log: event => log.push(event) })
  const call = (fields: object = {}) =>
    handler({
      Step: 'setSecret',
      SecretId: ARN,
      ClientRequestToken: token,
      RotationToken: 'rotation-token',
      ...fields,
    } as RotationEvent)
  return { fake, engine, log, call, secretId: String(ARN) }
}

/** What the engine is called with by a rotation from `old-key` to `new-key`. */
const fromOldToNew = ['create from old-key', 'set new-key beside old-key', 'test new-key', 'finish new-key after old-key']

describe('the whole rotation', () => {
  it('creates, sets, tests, moves AWSCURRENT and lets the engine clean up', async () => {
    const engine = notedEngine('new-key')
    const { fake, rotate } = rotating({ key: 'old-key' }, { engine })
    await rotate('key')
    expect(engine.calls).toEqual(fromOldToNew)
    expect(fake.perform('GetSecretValue', { SecretId: 'key' })).toMatchObject({ SecretString: 'new-key' })
    expect(fake.perform('GetSecretValue', { SecretId: 'key', VersionStage: 'AWSPREVIOUS' })).toMatchObject({
      SecretString: 'old-key',
    })
  })

  it('rotates again while AWSPENDING is still attached to the current version', async () => {
    const { fake, rotate, repeat } = rotating({ key: 'old-key' }, { engine: notedEngine('new-key') })
    await rotate('key')
    const both = { SecretString: 'new-key', VersionStages: ['AWSCURRENT', 'AWSPENDING'] }
    expect(fake.perform('GetSecretValue', { SecretId: 'key' })).toMatchObject(both)
    await repeat()
    expect(fake.perform('GetSecretValue', { SecretId: 'key' })).toMatchObject(both)
    await rotate('key')
    expect(fake.rotations.map(({ status }) => status)).toEqual(['succeeded', 'succeeded'])
    expect(fake.perform('GetSecretValue', { SecretId: 'key' }).VersionId).toBe(fake.rotations[1]?.versionId)
  })

  it('goes by the version that has AWSCURRENT, though reads by labels are answered with older ones', async () => {
    const engine = notedEngine('new-key')
    const { fake, rotate } = rotating({ key: 'older-key' }, { engine }, { before: async ({ Step }) => goStale(Step) })
    const goStale = (step: string): void => {
      if (step === 'createSecret') fake.inject({ operation: 'GetSecretValue', answer: 'old', times: 1 })
    }
    const { versionId } = fake.put('key', 'old-key', { versionStages: ['AWSPENDING'] })
    fake.moveCurrent('key', versionId)
    await rotate('key')
    expect(engine.calls).toEqual(fromOldToNew)
  })

  it('costs 12 calls of Secrets Manager', async () => {
    const { finishSecret: _, ...engine } = notedEngine()
    const { fake, rotate } = rotating({ key: 'old-key' }, { engine })
    await rotate('key')
    expect(fake.count('DescribeSecret')).toBe(4)
    expect(fake.count('GetSecretValue')).toBe(6)
    expect(fake.count('PutSecretValue')).toBe(1)
    expect(fake.count('UpdateSecretVersionStage')).toBe(1)
    expect(fake.count()).toBe(12)
  })

  it('passes the test that Secrets Manager makes when a rotation is set up for later', async () => {
    const engine = notedEngine()
    const { fake } = rotating({ key: 'old-key' }, { engine })
    const RotationLambdaARN = 'arn:aws:lambda:eu-west-1:123456789012:function:rotate'
    fake.perform('RotateSecret', { SecretId: 'key', RotationLambdaARN, RotateImmediately: false })
    await fake.idle()
    expect(fake.rotations).toMatchObject([{ status: 'succeeded' }])
    expect(engine.calls).toEqual(['test old-key'])
  })
})

describe('the gate', () => {
  it('refuses a secret whose rotation is switched off', async () => {
    const { fake, engine, secretId } = prepared()
    const real = fake.client()
    const client = { send: async (command: FakeCommand) => ({ ...(await real.send(command)), RotationEnabled: false }) }
    const handler = createRotationHandler({ engine, client })
    const event = { Step: 'setSecret', SecretId: secretId, ClientRequestToken: token } as const
    await expect(handler(event)).rejects.toThrow(`Secret ${secretId} is not enabled for rotation`)
    expect(engine.calls).toEqual([])
  })

  it.each([
    [
      'a version that does not exist',
      { ClientRequestToken: other },
      `Secret version ${other} has no stage for rotation of secret `,
    ],
    [
      'a version called __proto__',
      { ClientRequestToken: '__proto__' },
      'Secret version __proto__ has no stage for rotation of secret ',
    ],
    ['an unknown step', { Step: 'create_secret' }, 'Invalid step parameter create_secret for secret '],
  ])('refuses %s', async (_, fields, message) => {
    const { call, engine, secretId, log } = prepared()
    await expect(call(fields)).rejects.toMatchObject({
      code: 'ERR_ROTATION_STEP',
      secretId,
      message: expect.stringContaining(message + secretId),
    })
    expect(engine.calls).toEqual([])
    expect(log).toEqual([])
  })

  it('refuses a version without AWSPENDING', async () => {
    const { call, secretId } = prepared({ labels: ['OTHER'] })
    await expect(call()).rejects.toThrow(`Secret version ${token} not set as AWSPENDING for rotation of secret ${secretId}.`)
  })

  it.each([
    ['createSecret', ['AWSCURRENT']],
    ['setSecret', ['AWSCURRENT']],
    ['testSecret', ['AWSCURRENT']],
    ['no such step', ['AWSCURRENT']],
    ['setSecret', ['AWSCURRENT', 'AWSPENDING']],
  ])('%s of the current version, with %j, is a success', async (Step, labels) => {
    const { call, engine, log } = prepared({ labels })
    await expect(call({ Step })).resolves.toBeUndefined()
    expect(engine.calls).toEqual([])
    expect(log).toMatchObject([{ type: 'unchanged', step: Step, versionId: token }])
  })

  it('finishSecret out of turn fails: AWSCURRENT moves to no version that has no value', async () => {
    const { fake, handler } = rotating(
      { key: 'old-key' },
      { engine: notedEngine('new-key', { createSecret: () => Promise.reject() }) },
    )
    fake.perform('RotateSecret', { SecretId: 'key', RotationLambdaARN: 'arn:aws:lambda:eu-west-1:123456789012:function:rotate' })
    await fake.idle()
    const ClientRequestToken = String(fake.rotations[0]?.versionId)
    await expect(handler({ Step: 'finishSecret', SecretId: 'key', ClientRequestToken })).rejects.toThrow('has no value yet')
    expect(fake.perform('GetSecretValue', { SecretId: 'key' })).toMatchObject({ SecretString: 'old-key' })
  })

  it('finishSecret of the current version cleans up again: the first time may have failed', async () => {
    const { call, engine, fake } = prepared({ labels: ['AWSCURRENT'] })
    await call({ Step: 'finishSecret' })
    expect(engine.calls).toEqual(['finish pending-key after old-key'])
    expect(fake.count('UpdateSecretVersionStage')).toBe(0)
  })

  it.each([
    ['Step', { Step: undefined }],
    ['SecretId', { SecretId: '' }],
    ['ClientRequestToken', { ClientRequestToken: 7 }],
  ])('an event without %s fails before any call', async (member, fields) => {
    const { call, fake } = prepared()
    fake.resetCalls()
    await expect(call(fields)).rejects.toThrow(`The rotation event has no ${member}.`)
    expect(fake.count()).toBe(0)
  })

  it.each([[undefined], [null], ['text']])('an event that is %s fails before any call', async event => {
    const handler = createRotationHandler({ engine: notedEngine(), client: new FakeSecretsManager().client() })
    await expect(handler(event as never)).rejects.toMatchObject({ code: 'ERR_ROTATION_STEP' })
  })
})

it('the log tells steps by their ids; neither values nor the rotation token are in it', async () => {
  const { call, log, secretId } = prepared()
  await call()
  await call({ Step: 'testSecret' })
  expect(log).toEqual([
    { type: 'done', step: 'setSecret', secretId, versionId: token },
    { type: 'done', step: 'testSecret', secretId, versionId: token },
  ])
})

it('a log that throws fails no step', async () => {
  const { fake, secretId } = prepared()
  const log = () => {
    throw new Error('disk full')
  }
  const handler = createRotationHandler({ engine: notedEngine(), client: fake.client(), log })
  await expect(handler({ Step: 'testSecret', SecretId: secretId, ClientRequestToken: token })).resolves.toBeUndefined()
})

it.each(['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const)(
  'what an engine throws in %s is not repeated',
  async Step => {
    const planted = 'planted-value'
    const fails = () => {
      throw Object.assign(new Error(`cannot use ${planted}`), { sql: planted, cause: planted })
    }
    const engine = notedEngine('x', { [Step]: fails })
    const { rotate } = rotating({ key: planted }, { engine })
    const error = await rotate('key').catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'ERR_ROTATION_STEP', message: expect.stringContaining(`${Step} of arn:`) })
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(planted)
  },
)

it('a service that denies fails the step with what the role needs', async () => {
  const { fake, call } = prepared()
  fake.inject({ operation: 'GetSecretValue', error: 'AccessDeniedException' })
  await expect(call()).rejects.toMatchObject({
    code: 'ERR_ROTATION_STEP',
    message: expect.stringContaining('GetSecretValue of arn:'),
    hint: expect.stringContaining('UpdateSecretVersionStage'),
    cause: expect.objectContaining({ name: 'AccessDeniedException' }),
  })
})

it.each([
  ['createSecret', 'PutSecretValue'],
  ['finishSecret', 'UpdateSecretVersionStage'],
  ['createSecret', 'GetSecretValue'],
])('what the service quotes of the request of %s by %s is not repeated', async (Step, operation) => {
  const sent = ['new-key', 'rotation-token', token, '"password"']
  const names = [
    'ValidationException',
    'InvalidParameterException',
    'InvalidRequestException',
    'SerializationException',
    'ThrottlingException',
    'AccessDeniedException',
    'ResourceNotFoundException',
    'ValidationError',
    'InternalServiceError',
    'Unheard',
  ]
  for (const name of names) {
    const { fake, secretId } = prepared({ labels: ['OTHER'] })
    const real = fake.client()
    const event = { Step, SecretId: secretId, ClientRequestToken: token, RotationToken: 'rotation-token' } as RotationEvent
    fake.perform('UpdateSecretVersionStage', { SecretId: 'key', VersionStage: 'AWSPENDING', MoveToVersionId: token })
    const client = {
      async send(command: FakeCommand) {
        const called = command.constructor.name
        // The version has no value yet.
        if (
          operation === 'PutSecretValue' &&
          JSON.stringify(command.input).includes('AWSPENDING') &&
          called === 'GetSecretValueCommand'
        ) {
          throw Object.assign(new Error(), { name: 'ResourceNotFoundException' })
        }
        if (called !== `${operation}Command`) return real.send(command)
        const message = `Value '${sent.join(' ')}' failed to satisfy the constraint`
        throw Object.assign(new Error(message), {
          name,
          $fault: 'client',
          $metadata: { httpStatusCode: 400 },
          $response: { body: message },
        })
      },
    }
    const handler = createRotationHandler({ engine: notedEngine('new-key'), client })
    const error = await handler(event).catch((reason: unknown) => reason)
    expect(error, name).toMatchObject({ code: 'ERR_ROTATION_STEP' })
    const shown = inspect(error, { depth: 9, showHidden: true }) + JSON.stringify(error)
    for (const words of sent) expect(shown, name).not.toContain(words)
    expect((error as Error).message, name).not.toContain('constraint')
  }
})

it('of a denial what IAM says of policies is kept: who, what, and which policy', async () => {
  const { fake, secretId } = prepared()
  const said =
    'User: arn:aws:sts::1:assumed-role/r/s is not authorized to perform: secretsmanager:PutSecretValue on resource: arn:x because no identity-based policy allows the secretsmanager:PutSecretValue action'
  const real = fake.client()
  const client = {
    async send(command: FakeCommand) {
      if (command.constructor.name === 'DescribeSecretCommand') return real.send(command)
      throw Object.assign(new Error(said), { name: 'AccessDeniedException', $metadata: { httpStatusCode: 400 } })
    },
  }
  const handler = createRotationHandler({ engine: notedEngine(), client })
  const event = { Step: 'testSecret', SecretId: secretId, ClientRequestToken: token } as const
  await expect(handler(event)).rejects.toThrow(said)
})

it('of what throws when it is read nothing is repeated', async () => {
  const createSecret = () => {
    throw throwingProxy()
  }
  const { rotate } = rotating({ key: 'old-key' }, { engine: notedEngine('new-key', { createSecret }) })
  const error = await rotate('key').catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'ERR_ROTATION_STEP' })
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('planted-value')
})

/** What an engine may throw by mistake: any look at it throws again. */
function throwingProxy(): object {
  const fail = (): never => {
    throw new Error('planted-value')
  }
  return new Proxy({}, { get: fail, has: fail, getPrototypeOf: fail, ownKeys: fail })
}

function rotationFailure(): SecretCacheError {
  return new SecretCacheError({ code: 'ERR_ROTATION_STEP', message: 'a login limit', secretId: 'key' })
}

describe('finishSecret out of turn', () => {
  const refusing = (refuses: () => boolean) => ({ ...notedEngine(), refuses })

  it('moves AWSCURRENT to no version that the system refuses', async () => {
    const { fake, call } = prepared({ engine: refusing(() => true) })
    await expect(call({ Step: 'finishSecret' })).rejects.toMatchObject({
      code: 'ERR_ROTATION_STEP',
      message: expect.stringContaining('AWSCURRENT stays where it is'),
    })
    expect(fake.perform('GetSecretValue', { SecretId: 'key' }).SecretString).toBe('old-key')
  })

  it.each([
    ['', new Error('planted-value')],
    ['a login limit', rotationFailure()],
    ['', throwingProxy()],
  ])('leaves AWSCURRENT, says so and can be repeated where the system cannot be asked, %s', async (reason, failure) => {
    const outcomes: unknown[] = [failure]
    const refuses = () => {
      const [outcome] = outcomes.splice(0)
      if (outcome !== undefined) throw outcome
      return false
    }
    const { fake, call } = prepared({ engine: refusing(refuses) })
    const error = await call({ Step: 'finishSecret' }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      code: 'ERR_ROTATION_STEP',
      message: expect.stringContaining('so AWSCURRENT stays where it is until Secrets Manager tries again'),
    })
    expect((error as Error).message).toContain(reason)
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('planted-value')
    expect(fake.perform('GetSecretValue', { SecretId: 'key' }).SecretString).toBe('old-key')
    await call({ Step: 'finishSecret' })
    expect(fake.perform('GetSecretValue', { SecretId: 'key' }).SecretString).toBe('pending-key')
  })

  it('moves it where the system does not', async () => {
    const { fake, call } = prepared({ engine: refusing(() => false) })
    await call({ Step: 'finishSecret' })
    expect(fake.perform('GetSecretValue', { SecretId: 'key' }).SecretString).toBe('pending-key')
  })
})

it('a log whose promise rejects fails nothing, and is no unhandled rejection', async () => {
  const unhandled = vi.fn()
  process.on('unhandledRejection', unhandled)
  // No mock: that would handle what it returns.
  let told = 0
  const log = (): Promise<never> => {
    told += 1
    return Promise.reject(new Error('full'))
  }
  const { rotate, fake } = rotating({ key: 'old-key' }, { engine: notedEngine('new-key'), log })
  await rotate('key')
  // Node tells of them when the promises have been worked off.
  await new Promise(resolve => setImmediate(resolve))
  process.off('unhandledRejection', unhandled)
  expect(told).toBe(4)
  expect(unhandled).not.toHaveBeenCalled()
  expect(fake.perform('GetSecretValue', { SecretId: 'key' }).SecretString).toBe('new-key')
})
