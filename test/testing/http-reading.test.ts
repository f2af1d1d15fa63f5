import {
  BatchGetSecretValueCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  type ListSecretsCommandInput,
  ListSecretVersionIdsCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-secrets-manager'
import { describe, expect, it } from 'vitest'
import { FakeSecretsManager, ManualClock } from '../../src/testing/index.js'
import { rejectionOf, sdkFor } from './support.js'

describe('reading through the real SDK over HTTP', () => {
  it('answers a text secret with every member', async () => {
    const clock = new ManualClock(Date.UTC(2030, 5, 1, 12, 0, 0, 250))
    const fake = new FakeSecretsManager({
      clock,
      region: 'us-west-2',
      accountId: '210987654321',
      secrets: { 'prod/db': { user: 'app' } },
    })
    const answer = await (await sdkFor(fake)).send(new GetSecretValueCommand({ SecretId: 'prod/db' }))
    expect(answer).toMatchObject({
      ARN: expect.stringMatching(/^arn:aws:secretsmanager:us-west-2:210987654321:secret:prod\/db-[A-Za-z0-9]{6}$/),
      Name: 'prod/db',
      VersionId: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/),
      SecretString: '{"user":"app"}',
      VersionStages: ['AWSCURRENT'],
      CreatedDate: new Date(clock.now()),
      $metadata: { httpStatusCode: 200, requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
    })
    expect(answer.SecretBinary).toBeUndefined()
  })

  it('answers a binary secret', async () => {
    const fake = new FakeSecretsManager({ secrets: { key: Uint8Array.of(0, 200, 255) } })
    const answer = await (await sdkFor(fake)).send(new GetSecretValueCommand({ SecretId: 'key' }))
    expect(answer.SecretBinary).toEqual(Uint8Array.of(0, 200, 255))
    expect(answer.SecretString).toBeUndefined()
  })

  it('fails with the errors that the SDK knows', async () => {
    const sdk = await sdkFor(new FakeSecretsManager())
    const error = await rejectionOf(sdk.send(new GetSecretValueCommand({ SecretId: 'missing' })))
    expect(error).toBeInstanceOf(ResourceNotFoundException)
    expect(error).toMatchObject({
      message: "Secrets Manager can't find the specified secret.",
      $fault: 'client',
      $metadata: { httpStatusCode: 400 },
    })
  })

  it('answers a batch with values and errors', async () => {
    const fake = new FakeSecretsManager({ secrets: { a: 'one', b: 'two' } })
    fake.perform('CreateSecret', { Name: 'empty' })
    const sdk = await sdkFor(fake)
    const { SecretValues, Errors } = await sdk.send(
      new BatchGetSecretValueCommand({ SecretIdList: ['a', 'missing', 'b', 'empty'] }),
    )
    expect(SecretValues?.map(value => [value.Name, value.SecretString, value.CreatedDate instanceof Date])).toEqual([
      ['a', 'one', true],
      ['b', 'two', true],
    ])
    expect(Errors).toEqual([
      {
        SecretId: 'missing',
        ErrorCode: 'ResourceNotFoundException',
        Message: "Secrets Manager can't find the specified secret.",
      },
      {
        SecretId: 'empty',
        ErrorCode: 'ResourceNotFoundException',
        Message: "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
      },
    ])
  })

  it('answers a batch by filters, page by page', async () => {
    const fake = new FakeSecretsManager({ secrets: { 'prod/a': '1', 'prod/b': '2', 'prod/c': '3', 'test/a': '4' } })
    const sdk = await sdkFor(fake)
    const Filters = [{ Key: 'name' as const, Values: ['prod/'] }]
    const first = await sdk.send(new BatchGetSecretValueCommand({ Filters, MaxResults: 2 }))
    const second = await sdk.send(new BatchGetSecretValueCommand({ Filters, MaxResults: 2, NextToken: first.NextToken }))
    expect([first, second].map(page => page.SecretValues?.map(value => value.SecretString))).toEqual([['1', '2'], ['3']])
    expect(second.NextToken).toBeUndefined()
  })

  it('leaves secrets that are scheduled for deletion out of a batch by filters', async () => {
    const fake = new FakeSecretsManager({ secrets: { 'prod/a': '1', 'prod/b': '2' } })
    fake.perform('DeleteSecret', { SecretId: 'prod/a' })
    const command = new BatchGetSecretValueCommand({ Filters: [{ Key: 'name', Values: ['prod/'] }] })
    const { SecretValues, Errors } = await (await sdkFor(fake)).send(command)
    expect(SecretValues?.map(value => value.Name)).toEqual(['prod/b'])
    expect(Errors).toEqual([])
  })

  it.each([
    ['no ids', {}, 'InvalidParameterException'],
    ['ids and filters', { SecretIdList: ['a'], Filters: [{ Key: 'name' as const, Values: ['a'] }] }, 'InvalidParameterException'],
    ['a page size without filters', { SecretIdList: ['a'], MaxResults: 2 }, 'InvalidParameterException'],
    ['21 ids', { SecretIdList: Array.from({ length: 21 }, (_, index) => `secret ${index}`) }, 'ValidationException'],
    ['an empty list of ids', { SecretIdList: [] }, 'ValidationException'],
    [
      'a token of another kind',
      { Filters: [{ Key: 'name' as const, Values: ['a'] }], NextToken: 'x' },
      'InvalidNextTokenException',
    ],
  ])('refuses a batch with %s', async (_, input, name) => {
    const sdk = await sdkFor(new FakeSecretsManager({ secrets: { a: 'one' } }))
    expect(await rejectionOf(sdk.send(new BatchGetSecretValueCommand(input)))).toMatchObject({ name })
  })

  it('describes a secret with the versions that have labels', async () => {
    const clock = new ManualClock(Date.UTC(2030, 0, 2, 15))
    const fake = new FakeSecretsManager({ clock })
    fake.perform('CreateSecret', {
      Name: 'prod/db',
      SecretString: 'one',
      Description: 'main',
      KmsKeyId: 'key',
      Tags: [{ Key: 'team', Value: 'a' }],
    })
    const sdk = await sdkFor(fake)
    const { VersionId: first } = await sdk.send(new GetSecretValueCommand({ SecretId: 'prod/db' }))
    const second = fake.put('prod/db', 'two')
    const third = fake.put('prod/db', 'three')
    const answer = await sdk.send(new DescribeSecretCommand({ SecretId: 'prod/db' }))
    expect(answer).toMatchObject({
      Name: 'prod/db',
      Description: 'main',
      KmsKeyId: 'key',
      Tags: [{ Key: 'team', Value: 'a' }],
      CreatedDate: new Date(clock.now()),
      LastChangedDate: new Date(clock.now()),
      LastAccessedDate: new Date(Date.UTC(2030, 0, 2)),
      VersionIdsToStages: { [third.versionId]: ['AWSCURRENT'], [second.versionId]: ['AWSPREVIOUS'] },
    })
    expect(Object.keys(answer.VersionIdsToStages ?? {})).not.toContain(first)
    expect(answer.RotationEnabled).toBeUndefined()
    expect(answer.DeletedDate).toBeUndefined()
  })

  it('lists the versions of a secret, deprecated ones only if asked for', async () => {
    const fake = new FakeSecretsManager({ secrets: { a: 'one' } })
    fake.put('a', 'two')
    fake.put('a', 'three')
    const sdk = await sdkFor(fake)
    const labelled = await sdk.send(new ListSecretVersionIdsCommand({ SecretId: 'a' }))
    expect(labelled.Versions?.map(version => version.VersionStages)).toEqual([['AWSPREVIOUS'], ['AWSCURRENT']])
    const all = await sdk.send(new ListSecretVersionIdsCommand({ SecretId: 'a', IncludeDeprecated: true }))
    expect(all.Versions?.map(version => version.VersionStages)).toEqual([undefined, ['AWSPREVIOUS'], ['AWSCURRENT']])
    expect(all.Versions?.every(version => version.CreatedDate instanceof Date)).toBe(true)
    expect(all).toMatchObject({ Name: 'a', ARN: expect.stringContaining(':secret:a-') })
  })

  it('pages through the versions of a secret', async () => {
    const fake = new FakeSecretsManager({ secrets: { a: 'one' } })
    fake.put('a', 'two')
    const sdk = await sdkFor(fake)
    const first = await sdk.send(new ListSecretVersionIdsCommand({ SecretId: 'a', MaxResults: 1 }))
    const second = await sdk.send(new ListSecretVersionIdsCommand({ SecretId: 'a', MaxResults: 1, NextToken: first.NextToken }))
    expect([...(first.Versions ?? []), ...(second.Versions ?? [])].map(version => version.VersionStages)).toEqual([
      ['AWSPREVIOUS'],
      ['AWSCURRENT'],
    ])
    expect(second.NextToken).toBeUndefined()
  })

  it('lists secrets page by page, and those on their way out only if asked for', async () => {
    const fake = new FakeSecretsManager({ secrets: { a: '1', b: '2', c: '3' } })
    fake.perform('DeleteSecret', { SecretId: 'b' })
    const sdk = await sdkFor(fake)
    const names = async (input: ListSecretsCommandInput): Promise<unknown> => {
      const { SecretList, NextToken } = await sdk.send(new ListSecretsCommand(input))
      return [SecretList?.map(secret => secret.Name).join(' '), NextToken !== undefined]
    }
    expect(await names({})).toEqual(['a c', false])
    expect(await names({ IncludePlannedDeletion: true })).toEqual(['a b c', false])
    expect(await names({ SortOrder: 'desc' })).toEqual(['c a', false])
    expect(await names({ MaxResults: 1 })).toEqual(['a', true])
    const { SecretList } = await sdk.send(new ListSecretsCommand({}))
    expect(SecretList?.[0]?.SecretVersionsToStages).toEqual({
      [String(fake.perform('GetSecretValue', { SecretId: 'a' }).VersionId)]: ['AWSCURRENT'],
    })
  })

  it.each([
    ['name', ['prod/'], ['prod/db', 'prod/key']],
    ['name', ['PROD/'], []],
    ['name', ['!prod/'], ['test/db']],
    ['description', ['MAIN'], ['prod/db']],
    ['tag-key', ['team'], ['prod/key']],
    ['tag-value', ['pay'], ['prod/key']],
    ['all', ['payments'], ['prod/key']],
    ['all', ['main', 'test'], ['prod/db', 'test/db']],
  ] as const)('filters by %s %j', async (Key, Values, expected) => {
    const fake = new FakeSecretsManager()
    fake.perform('CreateSecret', { Name: 'prod/db', SecretString: '1', Description: 'Main database' })
    fake.perform('CreateSecret', { Name: 'prod/key', SecretString: '2', Tags: [{ Key: 'team', Value: 'payments' }] })
    fake.perform('CreateSecret', { Name: 'test/db', SecretString: '3' })
    const { SecretList } = await (await sdkFor(fake)).send(new ListSecretsCommand({ Filters: [{ Key, Values: [...Values] }] }))
    expect(SecretList?.map(secret => secret.Name)).toEqual(expected)
  })
})
