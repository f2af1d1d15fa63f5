import { inspect } from 'node:util'
import {
  GetParameterCommand,
  GetParametersCommand,
  ParameterNotFound,
  PutParameterCommand,
  StartSessionCommand,
} from '@aws-sdk/client-ssm'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { FakeParameterStore, type FakeParameterStoreOptions, ManualClock } from '../../../src/testing/index.js'
import { rejectionOf } from '../support.js'
import { ssmFor } from './support.js'

describe('FakeParameterStore', () => {
  it('takes the commands of the real SDK in process, and answers with the types of their outputs', async () => {
    const clock = new ManualClock()
    const fake = new FakeParameterStore({ clock, parameters: { '/app/key': 'one' } })
    const answer = await fake.client().send(new GetParameterCommand({ Name: '/app/key', WithDecryption: true }))
    expectTypeOf(answer.Parameter?.Value).toEqualTypeOf<string | undefined>()
    expect(answer).toMatchObject({
      Parameter: { Value: 'one', Type: 'SecureString', LastModifiedDate: new Date(clock.now()) },
      $metadata: { httpStatusCode: 200 },
    })
  })

  it('creates parameters with their settings', () => {
    const fake = new FakeParameterStore({
      region: 'cn-north-1',
      accountId: '111122223333',
      parameters: { hosts: { value: 'a,b', type: 'StringList', tier: 'Advanced', description: 'The hosts' } },
    })
    const { Parameters } = fake.perform('DescribeParameters')
    expect(Parameters).toMatchObject([
      {
        ARN: 'arn:aws-cn:ssm:cn-north-1:111122223333:parameter/hosts',
        Name: 'hosts',
        Type: 'StringList',
        Tier: 'Advanced',
        Description: 'The hosts',
      },
    ])
  })

  it('rejects in process with errors that the SDK takes for its own, in its words', async () => {
    const fake = new FakeParameterStore()
    const command = new GetParameterCommand({ Name: 'missing' })
    const error = await rejectionOf(fake.client().send(command))
    const real = await rejectionOf((await ssmFor(fake)).send(command))
    expect(error).toBeInstanceOf(ParameterNotFound)
    expect(error).toMatchObject({ name: 'ParameterNotFound', message: real.message, $fault: 'client', $service: 'SSM' })
    expect(real).toMatchObject({ name: 'ParameterNotFound', message: 'UnknownError', $metadata: { httpStatusCode: 400 } })
  })

  it('says what there is when asked for something else', async () => {
    const fake = new FakeParameterStore({ parameters: { a: 'one' } })
    const error = await rejectionOf(fake.client().send(new StartSessionCommand({ Target: 'a' })))
    expect(error.code).toBe('ERR_FAKE_UNEXPECTED')
    expect(error.message).toBe(
      'FakeParameterStore has no operation StartSession. There is: DeleteParameter, DeleteParameters, DescribeParameters, GetParameter, GetParameterHistory, GetParameters, GetParametersByPath, LabelParameterVersion, PutParameter, UnlabelParameterVersion.',
    )
    expect(fake.count()).toBe(0)
  })

  it.each([
    [
      'PutParameter',
      { Name: 'a', Value: 'b', Policies: '[]' },
      'FakeParameterStore knows no Policies in the input of PutParameter.',
    ],
    [
      'PutParameter',
      { Name: 'b', Value: 'b', Type: 'String', DataType: 'aws:ec2:image' },
      'of the data type aws:ec2:image. There is: text.',
    ],
    ['GetParameter', { Name: '/aws/reference/secretsmanager/a', WithDecryption: true }, 'Pass a FakeSecretsManager'],
    ['GetParameters', { Names: ['/aws/reference/secretsmanager/a'], WithDecryption: true }, 'Pass a FakeSecretsManager'],
    [
      'DescribeParameters',
      { ParameterFilters: [{ Key: 'Name', Option: 'Recursive', Values: ['a'] }] },
      'no filter option Recursive. There is: Equals, BeginsWith, Contains.',
    ],
  ] as const)('does not invent what %s answers to %j', (operation, input, message) => {
    const fake = new FakeParameterStore({ parameters: { a: 'one' } })
    expect(() => fake.perform(operation, { Overwrite: undefined, ...input })).toThrow(
      expect.objectContaining({ code: 'ERR_FAKE_UNEXPECTED', message: expect.stringContaining(message) }),
    )
  })

  it('lists the calls without the values of parameters', async () => {
    const clock = new ManualClock()
    const fake = new FakeParameterStore({ clock })
    const input = { Name: 'a', Value: 'a value in the clear', Type: 'String' as const }
    await fake.client().send(new PutParameterCommand(input))
    await fake.client().send(new GetParametersCommand({ Names: ['a'] }))
    expect(fake.calls).toEqual([
      { operation: 'PutParameter', input: { Name: 'a', Type: 'String' }, atMs: clock.now() },
      { operation: 'GetParameters', input: { Names: ['a'] }, atMs: clock.now() },
    ])
    expect([fake.count(), fake.count('GetParameters')]).toEqual([2, 1])
    expect(inspect(fake, { depth: 9 })).not.toContain('a value in the clear')
    fake.resetCalls()
    expect(fake.count()).toBe(0)
  })

  it('puts, labels and deletes at once, and says which version it was', () => {
    const fake = new FakeParameterStore()
    const arn = 'arn:aws:ssm:eu-west-1:123456789012:parameter/app/key'
    expect(fake.put('/app/key', 'one')).toEqual({ arn, name: '/app/key', version: 1 })
    expect(fake.put('/app/key', 'two')).toEqual({ arn, name: '/app/key', version: 2 })
    expect(fake.label('/app/key', ['stable'], { version: 1 })).toEqual({ arn, name: '/app/key', version: 1 })
    expect(fake.label('/app/key', ['newest'])).toEqual({ arn, name: '/app/key', version: 2 })
    expect(fake.perform('GetParameter', { Name: '/app/key:stable', WithDecryption: true })).toMatchObject({
      Parameter: { Value: 'one' },
    })
    fake.delete('/app/key')
    expect(() => fake.delete('/app/key')).toThrow(expect.objectContaining({ name: 'ParameterNotFound' }))
    expect(fake.put('/app/key', 'three')).toMatchObject({ version: 1 })
  })

  it('takes a name with and without its slash for one parameter', () => {
    const fake = new FakeParameterStore({ parameters: { plain: 'one' } })
    expect(fake.put('/plain', 'two')).toEqual({
      arn: 'arn:aws:ssm:eu-west-1:123456789012:parameter/plain',
      name: 'plain',
      version: 2,
    })
    expect(fake.perform('GetParametersByPath', { Path: '/' }).Parameters).toMatchObject([{ Name: 'plain', Version: 2 }])
    expect(fake.perform('GetParameters', { Names: ['plain', '/plain'] }).Parameters).toMatchObject([
      { Name: '/plain', Version: 2 },
      { Name: 'plain', Version: 2 },
    ])
  })

  it('says which labels it does not attach', () => {
    const fake = new FakeParameterStore({ parameters: { a: 'one' } })
    expect(() => fake.label('a', ['AWSCURRENT', 'ok', '2nd'])).toThrow(
      new TypeError(
        'Parameter Store does not attach these labels: AWSCURRENT, 2nd. A label cannot begin with a number, "aws" or "ssm".',
      ),
    )
  })

  it.each<[unknown, string]>([
    [{ parameter: {} }, 'Unknown option "parameter" of FakeParameterStore. Did you mean "parameters"?'],
    [{ parameters: [] }, 'parameters must be an object of parameters by name.'],
    [{ parameters: { a: { value: 'b', type: 'Text' } } }, "type must be one of 'String', 'StringList', 'SecureString'."],
    [{ parameters: { a: { value: 'b', tags: [] } } }, 'Unknown option "tags" of a parameter of FakeParameterStore.'],
    [{ region: 'Ireland' }, 'region must be like eu-west-1.'],
    [{ accountId: '1' }, 'accountId must be twelve digits.'],
    [{ secrets: {} }, 'secrets must be a FakeSecretsManager.'],
    [{ readsPerSecond: 0 }, 'readsPerSecond must be a whole number above 0.'],
  ])('refuses the options %j', (options, message) => {
    const create = (): unknown => new FakeParameterStore(options as FakeParameterStoreOptions)
    expect(create).toThrow(TypeError)
    expect(create).toThrow(message)
  })

  it('takes only requests over HTTP that are signed for it', async () => {
    const fake = new FakeParameterStore({ parameters: { a: 'one' } })
    const { endpoint, close } = await fake.listen()
    const headers = { 'x-amz-target': 'AmazonSSM.GetParameter' }
    const post = async (authorization: string): Promise<string> => {
      const response = await fetch(endpoint, { method: 'POST', headers: { ...headers, authorization }, body: '{"Name":"a"}' })
      return JSON.parse(await response.text()).__type ?? 'none'
    }
    const signed = (service: string): string =>
      `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20300101/eu-west-1/${service}/aws4_request, SignedHeaders=host, Signature=00`
    expect([await post(signed('ssm')), await post(signed('secretsmanager'))]).toEqual(['none', 'InvalidSignatureException'])
    await close()
  })
})
