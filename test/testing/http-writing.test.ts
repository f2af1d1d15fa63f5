import {
  CreateSecretCommand,
  DeleteSecretCommand,
  GetRandomPasswordCommand,
  GetSecretValueCommand,
  InvalidRequestException,
  PutSecretValueCommand,
  RestoreSecretCommand,
  UpdateSecretCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager'
import { describe, expect, it } from 'vitest'
import { FakeSecretsManager, ManualClock } from '../../src/testing/index.js'
import { rejectionOf, sdkFor } from './support.js'

const dayMs = 86_400_000

describe('writing through the real SDK over HTTP', () => {
  it('creates a secret, text or binary, whose token is its first version id', async () => {
    const fake = new FakeSecretsManager()
    const sdk = await sdkFor(fake)
    const token = 'a'.repeat(32)
    const text = await sdk.send(new CreateSecretCommand({ Name: 'text', SecretString: 'one', ClientRequestToken: token }))
    expect(text).toMatchObject({ Name: 'text', VersionId: token })
    await sdk.send(new CreateSecretCommand({ Name: 'binary', SecretBinary: Uint8Array.of(1, 2) }))
    const values = await Promise.all(['text', 'binary'].map(SecretId => sdk.send(new GetSecretValueCommand({ SecretId }))))
    expect(values.map(value => value.SecretString ?? value.SecretBinary)).toEqual(['one', Uint8Array.of(1, 2)])
  })

  it('creates a secret without a value, which can be described but not read', async () => {
    const sdk = await sdkFor(new FakeSecretsManager())
    expect((await sdk.send(new CreateSecretCommand({ Name: 'empty' }))).VersionId).toBeUndefined()
    expect(await rejectionOf(sdk.send(new GetSecretValueCommand({ SecretId: 'empty' })))).toMatchObject({
      name: 'ResourceNotFoundException',
      message: "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
    })
  })

  it('puts a version that becomes the current one', async () => {
    const fake = new FakeSecretsManager({ secrets: { a: 'one' } })
    const sdk = await sdkFor(fake)
    const put = await sdk.send(new PutSecretValueCommand({ SecretId: 'a', SecretString: 'two' }))
    expect(put.VersionStages).toEqual(['AWSCURRENT'])
    const read = await sdk.send(new GetSecretValueCommand({ SecretId: 'a' }))
    expect([read.SecretString, read.VersionId]).toEqual(['two', put.VersionId])
  })

  it('dates the last change of a secret when a label moves', async () => {
    const clock = new ManualClock()
    const fake = new FakeSecretsManager({ clock, secrets: { a: 'one' } })
    await clock.advance(1_000)
    fake.rotate('a')
    expect(fake.perform('DescribeSecret', { SecretId: 'a' }).LastChangedDate).toEqual(new Date(clock.now()))
  })

  it('updates the value and the description', async () => {
    const fake = new FakeSecretsManager({ secrets: { a: 'one' } })
    const sdk = await sdkFor(fake)
    const described = await sdk.send(new UpdateSecretCommand({ SecretId: 'a', Description: 'new' }))
    expect(described.VersionId).toBeUndefined()
    const updated = await sdk.send(new UpdateSecretCommand({ SecretId: 'a', SecretString: 'two' }))
    expect(await sdk.send(new GetSecretValueCommand({ SecretId: 'a' }))).toMatchObject({
      SecretString: 'two',
      VersionId: updated.VersionId,
    })
    expect(fake.perform('DescribeSecret', { SecretId: 'a' })).toMatchObject({ Description: 'new' })
  })

  it.each([
    ['a value', { SecretString: 'two' }],
    ['a description', { Description: 'new' }],
  ])('dates the last change of %s', async (_, change) => {
    const clock = new ManualClock()
    const fake = new FakeSecretsManager({ clock, secrets: { a: 'one' } })
    const createdMs = clock.now()
    await clock.advance(1_000)
    await (await sdkFor(fake)).send(new UpdateSecretCommand({ SecretId: 'a', ...change }))
    const dates = { CreatedDate: new Date(createdMs), LastChangedDate: new Date(createdMs + 1_000) }
    expect(fake.perform('DescribeSecret', { SecretId: 'a' })).toMatchObject(dates)
  })

  it('moves AWSCURRENT back, and AWSPREVIOUS follows', async () => {
    const fake = new FakeSecretsManager()
    const first = fake.create('a', 'one')
    const second = fake.put('a', 'two')
    const sdk = await sdkFor(fake)
    await sdk.send(
      new UpdateSecretVersionStageCommand({
        SecretId: 'a',
        VersionStage: 'AWSCURRENT',
        MoveToVersionId: first.versionId,
        RemoveFromVersionId: second.versionId,
      }),
    )
    expect(fake.perform('DescribeSecret', { SecretId: 'a' }).VersionIdsToStages).toEqual({
      [first.versionId]: ['AWSCURRENT'],
      [second.versionId]: ['AWSPREVIOUS'],
    })
  })

  it('schedules a deletion, refuses reads and writes until the secret is restored, and then keeps its ARN', async () => {
    const clock = new ManualClock()
    const fake = new FakeSecretsManager({ clock, secrets: { a: 'one' } })
    const sdk = await sdkFor(fake)
    const deleted = await sdk.send(new DeleteSecretCommand({ SecretId: 'a', RecoveryWindowInDays: 7 }))
    expect(deleted.DeletionDate).toEqual(new Date(clock.now() + 7 * dayMs))
    for (const command of [
      new GetSecretValueCommand({ SecretId: 'a' }),
      new PutSecretValueCommand({ SecretId: 'a', SecretString: 'two' }),
      new UpdateSecretCommand({ SecretId: 'a', Description: 'x' }),
      new DeleteSecretCommand({ SecretId: 'a' }),
    ]) {
      // Each has its own types; only the error matters here.
      const error = await rejectionOf(sdk.send(command as GetSecretValueCommand))
      expect(error).toBeInstanceOf(InvalidRequestException)
      expect(error.message).toBe("You can't perform this operation on the secret because it was marked for deletion.")
    }
    expect(fake.perform('DescribeSecret', { SecretId: 'a' }).DeletedDate).toEqual(new Date(clock.now()))
    const restored = await sdk.send(new RestoreSecretCommand({ SecretId: 'a' }))
    expect(restored.ARN).toBe(deleted.ARN)
    expect((await sdk.send(new GetSecretValueCommand({ SecretId: 'a' }))).SecretString).toBe('one')
  })

  it('carries a deletion out when the recovery window ends', async () => {
    const clock = new ManualClock()
    const fake = new FakeSecretsManager({ clock, secrets: { a: 'one' } })
    fake.perform('DeleteSecret', { SecretId: 'a' })
    await clock.advance(30 * dayMs - 1)
    expect(() => fake.create('a', 'two')).toThrow('already scheduled for deletion')
    await clock.advance(1)
    expect(fake.perform('ListSecrets', { IncludePlannedDeletion: true }).SecretList).toEqual([])
    const sdk = await sdkFor(fake)
    expect(await rejectionOf(sdk.send(new RestoreSecretCommand({ SecretId: 'a' })))).toMatchObject({
      name: 'ResourceNotFoundException',
    })
  })

  it('deletes at once by force; a secret made again under the name has another ARN', async () => {
    const fake = new FakeSecretsManager()
    const first = fake.create('a', 'one')
    const sdk = await sdkFor(fake)
    await sdk.send(new DeleteSecretCommand({ SecretId: 'a', ForceDeleteWithoutRecovery: true }))
    expect(await rejectionOf(sdk.send(new GetSecretValueCommand({ SecretId: 'a' })))).toMatchObject({
      name: 'ResourceNotFoundException',
    })
    const second = fake.create('a', 'two')
    expect(second.arn).not.toBe(first.arn)
    expect(await rejectionOf(sdk.send(new GetSecretValueCommand({ SecretId: first.arn })))).toMatchObject({
      name: 'ResourceNotFoundException',
    })
  })

  it('deletes by force what is not there', async () => {
    const sdk = await sdkFor(new FakeSecretsManager())
    const answer = await sdk.send(new DeleteSecretCommand({ SecretId: 'missing', ForceDeleteWithoutRecovery: true }))
    expect(answer.DeletionDate).toBeInstanceOf(Date)
  })

  it.each([
    [{ RecoveryWindowInDays: 6 }, 'The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).'],
    [{ RecoveryWindowInDays: 31 }, 'The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).'],
    [
      { RecoveryWindowInDays: 7, ForceDeleteWithoutRecovery: true },
      "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
    ],
  ])('refuses a deletion with %j', async (options, message) => {
    const sdk = await sdkFor(new FakeSecretsManager({ secrets: { a: 'one' } }))
    const error = await rejectionOf(sdk.send(new DeleteSecretCommand({ SecretId: 'a', ...options })))
    expect(error).toMatchObject({ name: 'InvalidParameterException', message })
  })

  it('makes a password', async () => {
    const sdk = await sdkFor(new FakeSecretsManager())
    const { RandomPassword } = await sdk.send(new GetRandomPasswordCommand({ PasswordLength: 20, ExcludePunctuation: true }))
    expect(RandomPassword).toMatch(/^[A-Za-z0-9]{20}$/)
  })
})
