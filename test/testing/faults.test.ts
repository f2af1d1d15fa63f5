import { BatchGetSecretValueCommand, DescribeSecretCommand, GetSecretValueCommand } from '@aws-sdk/client-secrets-manager'
import { describe, expect, it } from 'vitest'
import { type FakeFault, FakeSecretsManager, ManualClock } from '../../src/testing/index.js'
import { rejectionOf, sdkFor } from './support.js'

function fakeAB(clock = new ManualClock()): FakeSecretsManager {
  return new FakeSecretsManager({ clock, secrets: { a: 'one', b: 'two' } })
}

/** What a read of `secretId` gives: the value, or the name of the error. */
async function read(fake: FakeSecretsManager, secretId = 'a'): Promise<string | undefined> {
  const { string } = await fake
    .source()
    .get({ secretId }, { signal: new AbortController().signal })
    .catch((error: Error) => ({ string: error.name }))
  return string
}

describe('inject', () => {
  it('fails as many calls as it is told, and then lets them pass', async () => {
    const fake = fakeAB()
    fake.inject({ error: 'ThrottlingException', times: 2 })
    expect([await read(fake), await read(fake), await read(fake)]).toEqual(['ThrottlingException', 'ThrottlingException', 'one'])
  })

  it('fails every call until recover()', async () => {
    const fake = fakeAB()
    fake.inject({ error: 'InternalServiceError' })
    for (let call = 0; call < 5; call += 1) expect(await read(fake)).toBe('InternalServiceError')
    fake.recover()
    expect(await read(fake)).toBe('one')
  })

  it('ends one fault by the function it returned', async () => {
    const fake = fakeAB()
    const end = fake.inject({ secretId: 'a', error: 'InternalServiceError' })
    fake.inject({ secretId: 'b', error: 'InternalServiceError' })
    end()
    expect([await read(fake, 'a'), await read(fake, 'b')]).toEqual(['one', 'InternalServiceError'])
  })

  it('plays faults one after another', async () => {
    const fake = fakeAB()
    fake.inject({ error: 'First', times: 1 })
    fake.inject({ error: 'Second', times: 1 })
    expect([await read(fake), await read(fake), await read(fake)]).toEqual(['First', 'Second', 'one'])
  })

  it('befalls only the operation it names', async () => {
    const fake = fakeAB()
    fake.inject({ operation: 'DescribeSecret', error: 'InternalServiceError' })
    expect(await read(fake)).toBe('one')
    await expect(fake.client().send(new DescribeSecretCommand({ SecretId: 'a' }))).rejects.toThrow('server side')
  })

  it('befalls only the secret it names, by whatever id either side uses', async () => {
    const fake = fakeAB()
    const { ARN } = fake.perform('DescribeSecret', { SecretId: 'a' })
    fake.inject({ secretId: String(ARN), error: 'InternalServiceError' })
    expect([await read(fake, 'a'), await read(fake, String(ARN).slice(0, -7)), await read(fake, 'b')]).toEqual([
      'InternalServiceError',
      'InternalServiceError',
      'two',
    ])
    fake.inject({ secretId: 'missing', error: 'AccessDeniedException' })
    expect(await read(fake, 'missing')).toBe('AccessDeniedException')
  })

  it.each([
    [{ error: 'ThrottlingException' }, 400, 'Rate exceeded'],
    [{ error: 'InternalServiceError' }, 500, 'An error occurred on the server side.'],
    [{ error: 'ServiceUnavailableException' }, 503, 'Service is unavailable'],
    [{ error: 'AccessDeniedException' }, 400, 'not authorized to perform: secretsmanager:GetSecretValue on resource: a'],
    [{ error: 'TeapotException', status: 418, message: 'short and stout' }, 418, 'short and stout'],
  ])('fails over HTTP as in process: %j', async (fault, status, message) => {
    const fake = fakeAB()
    fake.inject(fault)
    const command = new GetSecretValueCommand({ SecretId: 'a' })
    const errors = [await rejectionOf(fake.client().send(command)), await rejectionOf((await sdkFor(fake)).send(command))]
    for (const error of errors) {
      expect(error.name).toBe(fault.error)
      expect(error.message).toContain(message)
      expect(error.$metadata?.httpStatusCode).toBe(status)
    }
  })

  it('does not carry out a call that it fails', async () => {
    const fake = fakeAB()
    fake.inject({ error: 'ThrottlingException', times: 1 })
    fake.inject({ answer: 'reset', times: 1 })
    const rotate = { constructor: class DeleteSecretCommand {}, input: { SecretId: 'a' } }
    await rejectionOf(fake.client().send(rotate))
    await rejectionOf(fake.client().send(rotate))
    expect(await read(fake)).toBe('one')
  })

  it.each([
    [{ error: 'AccessDeniedException' }, 'AccessDeniedException'],
    [{ operation: 'GetSecretValue' as const, error: 'DecryptionFailure' }, 'DecryptionFailure'],
    [{ operation: 'BatchGetSecretValue' as const, error: 'DecryptionFailure' }, 'DecryptionFailure'],
  ])('fails one secret of a batch: %j', async (fault, ErrorCode) => {
    const fake = fakeAB()
    fake.inject({ secretId: 'b', ...fault })
    const { SecretValues, Errors } = await fake.client().send(new BatchGetSecretValueCommand({ SecretIdList: ['a', 'b'] }))
    expect(SecretValues?.map(value => value.SecretString)).toEqual(['one'])
    expect(Errors).toEqual([{ SecretId: 'b', ErrorCode, Message: expect.any(String) }])
  })

  it('leaves what the test itself does alone, and its count too', async () => {
    const fake = fakeAB()
    fake.inject({ secretId: 'a', error: 'AccessDeniedException', times: 1 })
    expect(fake.perform('BatchGetSecretValue', { SecretIdList: ['a'] }).Errors).toEqual([])
    expect(await read(fake)).toBe('AccessDeniedException')
  })

  it('fails a whole batch by a fault that names no secret', async () => {
    const fake = fakeAB()
    fake.inject({ operation: 'BatchGetSecretValue', error: 'AccessDeniedException' })
    const sending = fake.client().send(new BatchGetSecretValueCommand({ SecretIdList: ['a', 'b'] }))
    expect((await rejectionOf(sending)).name).toBe('AccessDeniedException')
    expect(await read(fake)).toBe('one')
  })

  const mistakes: [FakeFault, string][] = [
    [{}, 'does nothing'],
    [{ times: 0, hang: true }, 'times'],
    [{ times: 1.5, hang: true }, 'times'],
    [{ delayMs: -1 }, 'delayMs'],
    [{ hang: true, error: 'ThrottlingException' }, 'one of hang, error and answer'],
    [{ answer: 'odd' as 'old' }, 'There is: old'],
    [{ operation: 'GetSecret' as 'GetSecretValue', hang: true }, 'There is: Batch'],
    [{ secretid: 'a', hang: true } as FakeFault, 'There is: operation, secretId'],
  ]
  it.each(mistakes)('refuses the fault %j', (fault, message) => {
    expect(() => new FakeSecretsManager().inject(fault)).toThrow(message)
  })
})

describe('delays and hangs', () => {
  it('holds an answer back by its clock, and delays add up', async () => {
    const clock = new ManualClock()
    const fake = fakeAB(clock)
    fake.inject({ delayMs: 100 })
    fake.inject({ delayMs: 50, times: 1 })
    const answered: string[] = []
    void read(fake).then(() => answered.push('first'))
    void read(fake).then(() => answered.push('second'))
    await clock.advance(99)
    expect(answered).toEqual([])
    await clock.advance(1)
    expect(answered).toEqual(['second'])
    await clock.advance(50)
    expect(answered).toEqual(['second', 'first'])
  })

  it('answers late with what was true when the call arrived', async () => {
    const clock = new ManualClock()
    const fake = fakeAB(clock)
    fake.inject({ delayMs: 100 })
    const reading = read(fake)
    await clock.advance(50)
    fake.rotate('a', 'new')
    await clock.advance(50)
    expect(await reading).toBe('one')
  })

  it('fails late', async () => {
    const clock = new ManualClock()
    const fake = fakeAB(clock)
    fake.inject({ delayMs: 100 })
    fake.inject({ error: 'ThrottlingException' })
    const reading = read(fake)
    await clock.advance(99)
    expect(clock.pending).toBe(1)
    await clock.advance(1)
    expect(await reading).toBe('ThrottlingException')
  })

  it.each<FakeFault>([{ hang: true }, { delayMs: 1_000 }])('lets the signal end a call that waits: %j', async fault => {
    const clock = new ManualClock()
    const fake = fakeAB(clock)
    fake.inject(fault)
    const controller = new AbortController()
    const reading = fake.source().get({ secretId: 'a' }, { signal: controller.signal })
    const rejected = rejectionOf(reading)
    await clock.advance(999)
    controller.abort(new Error('no longer wanted'))
    expect((await rejected).message).toBe('no longer wanted')
    expect(clock.pending).toBe(0)
  })

  it('hangs over HTTP until the client gives up', async () => {
    const fake = fakeAB()
    fake.inject({ hang: true, times: 1 })
    const sdk = await sdkFor(fake)
    const controller = new AbortController()
    const sending = rejectionOf(sdk.send(new GetSecretValueCommand({ SecretId: 'a' }), { abortSignal: controller.signal }))
    await expect.poll(() => fake.count()).toBe(1)
    controller.abort()
    expect((await sending).name).toBe('AbortError')
    expect((await sdk.send(new GetSecretValueCommand({ SecretId: 'a' }))).SecretString).toBe('one')
  })
})

describe('old answers', () => {
  it('answers as before the last move of AWSCURRENT, for as many reads as it is told', async () => {
    const fake = fakeAB()
    fake.rotate('a', 'new')
    fake.inject({ answer: 'old', times: 2 })
    expect([await read(fake), await read(fake), await read(fake)]).toEqual(['one', 'one', 'new'])
  })

  it('shows old labels everywhere, and no version that was not there yet', async () => {
    const fake = new FakeSecretsManager()
    const first = fake.create('a', 'one')
    const { detail } = fake.rotate('a', 'new')
    fake.inject({ answer: 'old' })
    const { VersionIdsToStages } = await fake.client().send(new DescribeSecretCommand({ SecretId: 'a' }))
    expect(VersionIdsToStages).toEqual({ [first.versionId]: ['AWSCURRENT'] })
    const sending = fake.client().send(new GetSecretValueCommand({ SecretId: 'a', VersionId: detail.versionId }))
    expect((await rejectionOf(sending)).name).toBe('ResourceNotFoundException')
  })

  it('answers a secret that was never rotated as it is', async () => {
    const fake = fakeAB()
    fake.inject({ answer: 'old' })
    expect(await read(fake)).toBe('one')
  })

  it('answers old for one secret of a batch', async () => {
    const fake = fakeAB()
    fake.rotate('a', 'new a')
    fake.rotate('b', 'new b')
    fake.inject({ secretId: 'a', answer: 'old' })
    const { values } = await fake.source().getMany(['a', 'b'], { signal: new AbortController().signal })
    expect(values.map(value => value.string)).toEqual(['one', 'new b'])
  })
})
