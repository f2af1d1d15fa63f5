import { describe, expect, it } from 'vitest'
import { FakeSecretsManager } from '../../src/testing/index.js'

const token = 'b'.repeat(32)

function named(name: string, message = ''): unknown {
  return expect.objectContaining({ name, message: expect.stringContaining(message) })
}

describe('reading a version', () => {
  it('finds a version by id, by stage, and by both if they agree', () => {
    const fake = new FakeSecretsManager()
    const first = fake.create('a', 'one')
    fake.put('a', 'two')
    for (const input of [
      { VersionId: first.versionId },
      { VersionStage: 'AWSPREVIOUS' },
      { VersionId: first.versionId, VersionStage: 'AWSPREVIOUS' },
    ]) {
      expect(fake.perform('GetSecretValue', { SecretId: 'a', ...input })).toMatchObject({
        SecretString: 'one',
        VersionStages: ['AWSPREVIOUS'],
      })
    }
  })

  it.each([
    ['another stage', { VersionStage: 'MINE' }, 'ResourceNotFoundException', 'for staging label: MINE'],
    ['another version', { VersionId: 'c'.repeat(32) }, 'ResourceNotFoundException', `for VersionId: ${'c'.repeat(32)}`],
    ['a version id that is too short', { VersionId: 'c'.repeat(31) }, 'ValidationException', "Value at 'versionId'"],
    ['a version id that is too long', { VersionId: 'c'.repeat(65) }, 'ValidationException', "Value at 'versionId'"],
    ['a version without a value', { VersionId: token }, 'ResourceNotFoundException', `for VersionId: ${token}`],
    ['a stage without a value', { VersionStage: 'AWSPENDING' }, 'ResourceNotFoundException', 'for staging label: AWSPENDING'],
    [
      'a version and a stage without a value',
      { VersionId: token, VersionStage: 'AWSPENDING' },
      'ResourceNotFoundException',
      'for staging label: AWSPENDING',
    ],
    [
      'a version with another stage',
      { VersionId: token, VersionStage: 'AWSCURRENT' },
      'InvalidRequestException',
      'You provided a VersionStage that is not associated to the provided VersionId.',
    ],
  ])('finds nothing by %s', (_, input, name, message) => {
    const fake = new FakeSecretsManager({ secrets: { a: 'one' }, rotation: () => new Promise(() => {}) })
    fake.perform('RotateSecret', { SecretId: 'a', ClientRequestToken: token, RotationLambdaARN: 'arn:aws:lambda:f' })
    expect(() => fake.perform('GetSecretValue', { SecretId: 'a', ...input })).toThrow(named(name, message))
  })

  it('takes a name, a partial ARN and a full ARN', () => {
    const fake = new FakeSecretsManager()
    const { arn } = fake.create('prod/db', 'one')
    for (const SecretId of ['prod/db', arn, arn.slice(0, -7)]) {
      expect(fake.perform('GetSecretValue', { SecretId })).toMatchObject({ ARN: arn, Name: 'prod/db' })
    }
  })

  it.each([
    ['the ARN of another Region', (arn: string) => arn.replace('eu-west-1', 'us-east-1')],
    ['a partial ARN of another Region', (arn: string) => arn.replace('eu-west-1', 'us-east-1').slice(0, -7)],
    ['the ARN of another account', (arn: string) => arn.replace('123456789012', '999999999999')],
    ['an ARN with another suffix', (arn: string) => arn.replace(/.{6}$/, '000000')],
    ['the end of a name', () => 'db'],
  ])('finds nothing by %s', (_, idOf) => {
    const fake = new FakeSecretsManager()
    const { arn } = fake.create('prod/db', 'one')
    expect(() => fake.perform('GetSecretValue', { SecretId: idOf(arn) })).toThrow(named('ResourceNotFoundException'))
  })

  it('takes the partial ARN of a name that ends like a suffix for a full one, as the service does', () => {
    const fake = new FakeSecretsManager()
    const { arn } = fake.create('db-AbCdEf', 'one')
    expect(fake.perform('GetSecretValue', { SecretId: arn })).toMatchObject({ Name: 'db-AbCdEf' })
    expect(() => fake.perform('GetSecretValue', { SecretId: arn.slice(0, -7) })).toThrow(named('ResourceNotFoundException'))
  })

  it.each([
    ['cn-north-1', 'arn:aws-cn:'],
    ['us-gov-west-1', 'arn:aws-us-gov:'],
    ['eu-west-1', 'arn:aws:'],
  ])('gives secrets in %s ARNs that begin with %s', (region, prefix) => {
    expect(new FakeSecretsManager({ region }).create('a', 'one').arn.startsWith(`${prefix}secretsmanager:${region}:`)).toBe(true)
  })

  it('hands out a copy of the bytes', () => {
    const mine = Uint8Array.of(1, 2)
    const fake = new FakeSecretsManager({ secrets: { a: mine } })
    mine[0] = 9
    ;(fake.perform('GetSecretValue', { SecretId: 'a' }).SecretBinary as Uint8Array)[1] = 9
    expect(fake.perform('GetSecretValue', { SecretId: 'a' }).SecretBinary).toEqual(Uint8Array.of(1, 2))
  })
})

describe('making a version', () => {
  it.each(['PutSecretValue', 'UpdateSecret'] as const)('%s sent twice with the same token makes one version', operation => {
    const fake = new FakeSecretsManager({ secrets: { a: 'one' } })
    const input = { SecretId: 'a', SecretString: 'two', ClientRequestToken: token }
    expect(fake.perform(operation, input)).toEqual(fake.perform(operation, input))
    expect(fake.perform('ListSecretVersionIds', { SecretId: 'a' }).Versions).toHaveLength(2)
  })

  it('CreateSecret sent twice with the same token makes one secret', () => {
    const fake = new FakeSecretsManager()
    const input = { Name: 'a', SecretBinary: Uint8Array.of(1), ClientRequestToken: token }
    expect(fake.perform('CreateSecret', input)).toEqual(fake.perform('CreateSecret', input))
  })

  it.each([
    ['text', { SecretString: 'other' }],
    ['bytes', { SecretBinary: Uint8Array.of(1) }],
  ])('refuses a token that is in use with other %s', (_, value) => {
    const fake = new FakeSecretsManager({ secrets: { a: 'one' } })
    fake.perform('PutSecretValue', { SecretId: 'a', SecretString: 'two', ClientRequestToken: token })
    const put = (): unknown => fake.perform('PutSecretValue', { SecretId: 'a', ClientRequestToken: token, ...value })
    expect(put).toThrow(named('ResourceExistsException', `You can't use ClientRequestToken ${token}`))
  })

  it('refuses to make a secret that exists', () => {
    const fake = new FakeSecretsManager({ secrets: { a: 'one' } })
    expect(() => fake.create('a', 'one')).toThrow(named('ResourceExistsException', 'the secret a already exists'))
  })

  it('refuses to make a secret by the token of another value', () => {
    const fake = new FakeSecretsManager()
    fake.perform('CreateSecret', { Name: 'a', SecretString: 'one', ClientRequestToken: token })
    const create = (): unknown => fake.perform('CreateSecret', { Name: 'a', SecretString: 'two', ClientRequestToken: token })
    expect(create).toThrow(named('ResourceExistsException', `You can't use ClientRequestToken ${token}`))
  })

  it.each([
    ['a text of 65,536 bytes', { SecretString: `${'€'.repeat(21_845)}!`, SecretBinary: undefined }],
    ['65,536 bytes', { SecretString: undefined, SecretBinary: Buffer.alloc(65_536, 7) }],
  ])('takes %s', (_, { SecretString, SecretBinary }) => {
    const fake = new FakeSecretsManager({ secrets: { a: 'one' } })
    fake.perform('PutSecretValue', { SecretId: 'a', SecretString, SecretBinary })
    const read = fake.perform('GetSecretValue', { SecretId: 'a' })
    expect(read.SecretString).toBe(SecretString)
    // Compared as one: the runner takes half a second to go through them.
    expect(SecretBinary?.equals(read.SecretBinary as Uint8Array)).toBe(SecretBinary === undefined ? undefined : true)
  })

  it.each([
    ['a text of 65,537 bytes', { SecretString: `${'€'.repeat(21_845)}!!` }, 'ValidationException', "Value at 'secretString'"],
    ['65,537 bytes', { SecretBinary: new Uint8Array(65_537) }, 'ValidationException', "Value at 'secretBinary'"],
    ['an empty text', { SecretString: '' }, 'ValidationException', "Value at 'secretString'"],
    ['no value', {}, 'InvalidRequestException', 'You must provide either SecretString or SecretBinary.'],
    [
      'text and bytes',
      { SecretString: 'x', SecretBinary: Uint8Array.of(1) },
      'InvalidParameterException',
      'both a binary secret value',
    ],
    [
      'a short token',
      { SecretString: 'x', ClientRequestToken: 'c'.repeat(31) },
      'ValidationException',
      'greater than or equal to 32',
    ],
    [
      'a long token',
      { SecretString: 'x', ClientRequestToken: 'c'.repeat(65) },
      'ValidationException',
      'less than or equal to 64',
    ],
    ['no labels', { SecretString: 'x', VersionStages: [] }, 'ValidationException', "Value at 'versionStages'"],
    ['labels that are no list', { SecretString: 'x', VersionStages: 'MINE' }, 'SerializationException', 'VersionStages'],
  ])('refuses %s', (_, input, name, message) => {
    const fake = new FakeSecretsManager({ secrets: { a: 'one' } })
    expect(() => fake.perform('PutSecretValue', { SecretId: 'a', ...input })).toThrow(named(name, message))
  })

  it.each(['with space', 'ümlaut', 'a\nb', 'a:b'])('refuses the name %j', name => {
    expect(() => new FakeSecretsManager().create(name, 'one')).toThrow(named('ValidationException', 'Invalid name'))
  })

  it('takes the name of a secret that a service manages', () => {
    const fake = new FakeSecretsManager({ secrets: { 'rds!db-1': 'one' } })
    expect(fake.perform('GetSecretValue', { SecretId: 'rds!db-1' })).toMatchObject({ SecretString: 'one' })
  })

  it('refuses a name of more than 512 characters', () => {
    expect(() => new FakeSecretsManager().create('n'.repeat(513), 'one')).toThrow(named('ValidationException', "'name'"))
  })

  it('keeps the value out of every error', () => {
    const fake = new FakeSecretsManager({ secrets: { a: 'one' } })
    const planted = `planted ${'x'.repeat(65_536)}`
    expect(() => fake.perform('PutSecretValue', { SecretId: 'a', SecretString: planted })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('planted') }),
    )
  })
})
