import {
  GetResourcePolicyCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-secrets-manager'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { isSecretCacheError } from '../../src/core/failures/errors.js'
import {
  FakeSecretsManager,
  type FakeSecretsManagerOptions,
  ManualClock,
  type SecretLabelUpdatedEvent,
} from '../../src/testing/index.js'
import { rejectionOf } from './support.js'

describe('FakeSecretsManager', () => {
  it('takes the commands of the real SDK in process, and answers with the types of their outputs', async () => {
    const fake = new FakeSecretsManager({ secrets: { a: 'one' } })
    const answer = await fake.client().send(new GetSecretValueCommand({ SecretId: 'a' }))
    expectTypeOf(answer.SecretString).toEqualTypeOf<string | undefined>()
    expect(answer).toMatchObject({ SecretString: 'one', CreatedDate: expect.any(Date), $metadata: { httpStatusCode: 200 } })
  })

  it('rejects in process with errors that the SDK takes for its own', async () => {
    const error = await rejectionOf(new FakeSecretsManager().client().send(new GetSecretValueCommand({ SecretId: 'missing' })))
    expect(error).toBeInstanceOf(ResourceNotFoundException)
    expect(error).toMatchObject({ name: 'ResourceNotFoundException', $fault: 'client', $metadata: { httpStatusCode: 400 } })
  })

  it.each([
    ['before', (controller: AbortController) => controller.abort()],
    ['during', (controller: AbortController) => queueMicrotask(() => controller.abort())],
  ])('rejects with an AbortError when the signal aborts %s the call', async (_, abort) => {
    const fake = new FakeSecretsManager({ secrets: { a: 'one' } })
    fake.inject({ hang: true })
    const controller = new AbortController()
    abort(controller)
    const sending = fake.client().send(new GetSecretValueCommand({ SecretId: 'a' }), { abortSignal: controller.signal })
    expect(await rejectionOf(sending)).toMatchObject({ name: 'AbortError', cause: controller.signal.reason })
  })

  it('says what there is when asked for something else', async () => {
    const fake = new FakeSecretsManager({ secrets: { a: 'one' } })
    const error = await rejectionOf(fake.client().send(new GetResourcePolicyCommand({ SecretId: 'a' })))
    expect(isSecretCacheError(error) && error.code).toBe('ERR_FAKE_UNEXPECTED')
    expect(error.message).toMatch(/no operation GetResourcePolicy\. There is: BatchGetSecretValue, .*UpdateSecretVersionStage\.$/)
    expect(fake.count()).toBe(0)
  })

  it('refuses an input that it would have to ignore', () => {
    const create = (): unknown => new FakeSecretsManager().perform('CreateSecret', { Name: 'a', AddReplicaRegions: [] })
    expect(create).toThrow(
      expect.objectContaining({ code: 'ERR_FAKE_UNEXPECTED', message: expect.stringContaining('AddReplicaRegions') }),
    )
  })

  it('lists the calls without the values of secrets', async () => {
    const clock = new ManualClock()
    const fake = new FakeSecretsManager({ clock, secrets: { a: 'one' } })
    await fake.client().send(new GetSecretValueCommand({ SecretId: 'a', VersionStage: 'AWSCURRENT' }))
    await clock.advance(5)
    await fake.client().send(new PutSecretValueCommand({ SecretId: 'a', SecretString: 'planted', RotationToken: 'planted' }))
    expect(fake.calls).toEqual([
      { operation: 'GetSecretValue', input: { SecretId: 'a', VersionStage: 'AWSCURRENT' }, atMs: clock.now() - 5 },
      { operation: 'PutSecretValue', input: { SecretId: 'a' }, atMs: clock.now() },
    ])
  })

  it('counts calls, also failed ones, and not what the test itself does', async () => {
    const fake = new FakeSecretsManager({ secrets: { a: 'one' } })
    const read = (SecretId: string): Promise<unknown> => fake.client().send(new GetSecretValueCommand({ SecretId }))
    await read('a')
    await rejectionOf(read('missing'))
    await fake.client().send(new PutSecretValueCommand({ SecretId: 'a', SecretString: 'two' }))
    fake.rotate('a')
    fake.perform('GetSecretValue', { SecretId: 'a' })
    expect([fake.count(), fake.count('GetSecretValue'), fake.count('ListSecrets')]).toEqual([3, 2, 0])
    fake.resetCalls()
    expect(fake.count()).toBe(0)
  })

  it('gives the same ids in every run', () => {
    const ids = (): unknown => {
      const fake = new FakeSecretsManager()
      return [fake.create('a', 'one'), fake.put('a', 'two')]
    }
    expect(ids()).toEqual(ids())
  })

  it.each([
    [{ regoin: 'eu-west-1' }, 'Unknown option "regoin" of FakeSecretsManager. Did you mean "region"?'],
    [{ accountId: '1' }, 'accountId'],
    [{ region: 'Ireland' }, 'region'],
  ])('refuses the options %j', (options, message) => {
    expect(() => new FakeSecretsManager(options as FakeSecretsManagerOptions)).toThrow(
      expect.objectContaining({ name: 'TypeError', message: expect.stringContaining(message) }),
    )
  })
})

describe('rotate', () => {
  it('moves AWSCURRENT to a new version and returns the event that the service sends', () => {
    const clock = new ManualClock(Date.UTC(2030, 1, 6, 16, 43, 48, 123))
    const fake = new FakeSecretsManager({ clock })
    const { arn } = fake.create('prod/db', 'one')
    const event = fake.rotate('prod/db', 'two')
    const { VersionId, SecretString } = fake.perform('GetSecretValue', { SecretId: 'prod/db' })
    expect(SecretString).toBe('two')
    expect(event).toEqual({
      version: '0',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      'detail-type': 'Secret Label Updated',
      source: 'aws.secretsmanager',
      account: '123456789012',
      time: '2030-02-06T16:43:48Z',
      region: 'eu-west-1',
      resources: [arn],
      detail: { name: 'prod/db', labelUpdated: 'AWSCURRENT', versionId: VersionId },
    })
    expect(fake.perform('GetSecretValue', { SecretId: 'prod/db', VersionStage: 'AWSPREVIOUS' }).SecretString).toBe('one')
  })

  it('changes only the password of a JSON object', () => {
    const fake = new FakeSecretsManager({ secrets: { a: { username: 'app', password: 'one', port: 5432 } } })
    fake.rotate('a')
    const next = JSON.parse(String(fake.perform('GetSecretValue', { SecretId: 'a' }).SecretString))
    expect(next).toEqual({ username: 'app', password: expect.stringMatching(/^[A-Za-z0-9]{32}$/), port: 5432 })
  })

  it.each([
    ['a text', 'one', /^[A-Za-z0-9]{32}$/],
    ['an object without a password', { key: 'one' }, /^[A-Za-z0-9]{32}$/],
  ])('makes another text of %s', (_, value, form) => {
    const fake = new FakeSecretsManager({ secrets: { a: value } })
    fake.rotate('a')
    expect(fake.perform('GetSecretValue', { SecretId: 'a' }).SecretString).toMatch(form)
  })

  it('makes as many other bytes of a binary', () => {
    const fake = new FakeSecretsManager({ secrets: { a: new Uint8Array(40) } })
    fake.rotate('a')
    const { SecretBinary } = fake.perform('GetSecretValue', { SecretId: 'a' })
    expect(SecretBinary).toHaveLength(40)
    expect(SecretBinary).not.toEqual(new Uint8Array(40))
  })

  it('moves AWSCURRENT back by moveCurrent, and refuses to move it nowhere', () => {
    const fake = new FakeSecretsManager()
    const { versionId } = fake.create('a', 'one')
    fake.rotate('a')
    expect(fake.moveCurrent('a', versionId).detail).toEqual({ name: 'a', labelUpdated: 'AWSCURRENT', versionId })
    expect(fake.perform('GetSecretValue', { SecretId: 'a' }).SecretString).toBe('one')
    expect(() => fake.moveCurrent('a', versionId)).toThrow(TypeError)
  })
})

describe('onEvent', () => {
  it('calls the listener after the move, so that it reads the new version', () => {
    const fake = new FakeSecretsManager({ secrets: { a: 'one' } })
    const seen: unknown[] = []
    fake.onEvent(() => seen.push(fake.perform('GetSecretValue', { SecretId: 'a' }).SecretString))
    fake.rotate('a', 'two')
    expect(seen).toEqual(['two'])
  })

  it('tells of every label but AWSPENDING and AWSPREVIOUS, whoever moves it, until it is ended', async () => {
    const fake = new FakeSecretsManager()
    const events: SecretLabelUpdatedEvent[] = []
    const stop = fake.onEvent(event => events.push(event))
    fake.create('a', 'one')
    fake.put('a', 'two', { versionStages: ['AWSPENDING'] })
    await fake.client().send(new PutSecretValueCommand({ SecretId: 'a', SecretString: 'three', VersionStages: ['MINE'] }))
    fake.rotate('a')
    fake.perform('UpdateSecret', { SecretId: 'a', Description: 'no label moves' })
    fake.perform('DeleteSecret', { SecretId: 'a' })
    stop()
    fake.create('b', 'one')
    expect(events.map(({ detail }) => [detail.name, detail.labelUpdated])).toEqual([
      ['a', 'AWSCURRENT'],
      ['a', 'MINE'],
      ['a', 'AWSCURRENT'],
    ])
  })
})
