import { GetParameterCommand, GetParametersByPathCommand, GetParametersCommand } from '@aws-sdk/client-ssm'
import { describe, expect, it } from 'vitest'
import { type FakeParameterFault, FakeParameterStore, ManualClock } from '../../../src/testing/index.js'
import { rejectionOf } from '../support.js'
import { ssmFor } from './support.js'

function fakeAB(clock = new ManualClock()): FakeParameterStore {
  return new FakeParameterStore({ clock, parameters: { '/app/a': 'one', '/app/b': 'two' } })
}

/** What a read gives: the value, or the name of the error. */
async function read(fake: FakeParameterStore, name = '/app/a'): Promise<string | undefined> {
  const sending = fake.client().send(new GetParameterCommand({ Name: name, WithDecryption: true }))
  return sending.then(
    ({ Parameter }) => Parameter?.Value,
    (error: Error) => error.name,
  )
}

async function readBoth(fake: FakeParameterStore): Promise<(string | undefined)[]> {
  const command = new GetParametersCommand({ Names: ['/app/a', '/app/b'], WithDecryption: true })
  const { Parameters = [] } = await fake.client().send(command)
  return Parameters.map(({ Value }) => Value)
}

describe('inject', () => {
  it('fails as many calls as it is told, until recover() or its own end', async () => {
    const fake = fakeAB()
    fake.inject({ error: 'ThrottlingException', times: 2 })
    expect([await read(fake), await read(fake), await read(fake)]).toEqual(['ThrottlingException', 'ThrottlingException', 'one'])
    fake.inject({ error: 'InternalServerError' })
    expect(await read(fake)).toBe('InternalServerError')
    fake.recover()
    const end = fake.inject({ name: '/app/a', error: 'InternalServerError' })
    expect([await read(fake), await read(fake, '/app/b')]).toEqual(['InternalServerError', 'two'])
    end()
    expect(await read(fake)).toBe('one')
  })

  it.each(['arn:aws:ssm:eu-west-1:123456789012:parameter/app/a', '/app/a', '/app/a:1', ' /app/a'])(
    'finds the parameter that a call names as %j',
    async name => {
      const fake = fakeAB()
      fake.inject({ name: '/app/a', error: 'AccessDeniedException' })
      expect(await read(fake, name)).toBe('AccessDeniedException')
    },
  )

  it('fails a batch as a whole for one name, and a hierarchy for its path alone', async () => {
    const fake = fakeAB()
    fake.inject({ name: '/app/b', error: 'AccessDeniedException' })
    expect((await rejectionOf(readBoth(fake))).name).toBe('AccessDeniedException')
    const byPath = new GetParametersByPathCommand({ Path: '/app', WithDecryption: true })
    expect((await fake.client().send(byPath)).Parameters?.map(it => it.Value)).toEqual(['one', 'two'])
    fake.inject({ name: '/app', error: 'AccessDeniedException' })
    expect((await rejectionOf(fake.client().send(byPath))).name).toBe('AccessDeniedException')
  })

  it('denies in the words of policies, and in those of KMS that the test gives', async () => {
    const fake = fakeAB()
    const command = new GetParameterCommand({ Name: '/app/a', WithDecryption: true })
    fake.inject({ error: 'AccessDeniedException', times: 1 })
    expect((await rejectionOf(fake.client().send(command))).message).toBe(
      'The caller is not authorized to perform: ssm:GetParameter on resource: /app/a because no identity-based policy allows the ssm:GetParameter action',
    )
    const message =
      'The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.'
    fake.inject({ error: 'AccessDeniedException', message })
    const client = await ssmFor(fake)
    expect(await rejectionOf(client.send(command))).toMatchObject({ name: 'AccessDeniedException', message })
  })

  it('holds an answer back by its clock, with what was true when the call arrived', async () => {
    const clock = new ManualClock()
    const fake = fakeAB(clock)
    fake.inject({ operation: 'GetParameter', delayMs: 100, times: 1 })
    const reading = read(fake)
    fake.put('/app/a', 'new')
    await clock.advance(99)
    expect(clock.pending).toBe(1)
    await clock.advance(1)
    expect(await reading).toBe('one')
  })

  it('breaks answers over HTTP', async () => {
    const fake = fakeAB()
    const client = await ssmFor(fake)
    fake.inject({ answer: 'truncated', times: 1 })
    const command = new GetParameterCommand({ Name: '/app/a', WithDecryption: true })
    expect((await rejectionOf(client.send(command))).name).toBe('SyntaxError')
    fake.inject({ answer: 'reset', times: 1 })
    expect((await rejectionOf(client.send(command))).code).toBe('ECONNRESET')
    expect((await client.send(command)).Parameter?.Value).toBe('one')
  })

  it.each<[FakeParameterFault, string]>([
    [{ secretId: 'a' } as FakeParameterFault, 'A fault has no secretId. There is: operation, name, times,'],
    [{ operation: 'GetSecretValue' } as unknown as FakeParameterFault, 'FakeParameterStore has no operation GetSecretValue.'],
    [{ name: 'a' }, 'A fault without delayMs, hang, error or answer does nothing.'],
  ])('refuses the fault %j', (fault, message) => {
    expect(() => fakeAB().inject(fault)).toThrow(message)
  })
})

describe('old answers', () => {
  it('answers as before the last change, for as many reads as it is told', async () => {
    const fake = fakeAB()
    fake.put('/app/a', 'new')
    fake.inject({ answer: 'old', times: 2 })
    expect([await read(fake), await read(fake), await read(fake)]).toEqual(['one', 'one', 'new'])
  })

  it('answers a parameter that was never changed as it is', async () => {
    const fake = fakeAB()
    fake.inject({ answer: 'old' })
    expect(await read(fake)).toBe('one')
  })

  it('answers what was deleted, and what was there before it was created again', async () => {
    const fake = fakeAB()
    fake.delete('/app/a')
    fake.inject({ answer: 'old', times: 1 })
    expect([await read(fake), await read(fake)]).toEqual(['one', 'ParameterNotFound'])
    fake.put('/app/a', 'again')
    fake.inject({ answer: 'old', times: 1 })
    expect([await read(fake), await read(fake)]).toEqual(['one', 'again'])
  })

  it('answers with the version that a label has left', async () => {
    const fake = fakeAB()
    fake.label('/app/a', ['stable'])
    fake.put('/app/a', 'new')
    fake.label('/app/a', ['stable'])
    fake.inject({ answer: 'old', times: 1 })
    expect([await read(fake, '/app/a:stable'), await read(fake, '/app/a:stable')]).toEqual(['one', 'new'])
  })

  it('answers old for one parameter of a batch, and for a path', async () => {
    const fake = fakeAB()
    fake.put('/app/a', 'new a')
    fake.put('/app/b', 'new b')
    fake.inject({ name: '/app/a', answer: 'old', times: 1 })
    expect(await readBoth(fake)).toEqual(['one', 'new b'])
    fake.inject({ name: '/app', answer: 'old', times: 1 })
    const byPath = new GetParametersByPathCommand({ Path: '/app', WithDecryption: true })
    expect((await fake.client().send(byPath)).Parameters?.map(it => it.Value)).toEqual(['one', 'two'])
  })

  it('does not write on what is old', async () => {
    const fake = fakeAB()
    fake.put('/app/a', 'new')
    fake.inject({ answer: 'old' })
    expect(fake.put('/app/a', 'newer').version).toBe(3)
  })
})

describe('readsPerSecond', () => {
  it('throttles the reads beyond it, of all operations that share the quota, within any second', async () => {
    const clock = new ManualClock()
    const fake = new FakeParameterStore({ clock, readsPerSecond: 2, parameters: { '/app/a': 'one' } })
    expect(await read(fake)).toBe('one')
    await clock.advance(900)
    expect((await fake.client().send(new GetParametersCommand({ Names: ['/app/a'] }))).Parameters?.length).toBe(1)
    const error = await rejectionOf(fake.client().send(new GetParametersByPathCommand({ Path: '/app' })))
    expect(error).toMatchObject({ name: 'ThrottlingException', message: 'Rate exceeded', $metadata: { httpStatusCode: 400 } })
    await clock.advance(100)
    expect([await read(fake), await read(fake)]).toEqual(['one', 'ThrottlingException'])
    fake.put('/app/a', 'two')
    expect(fake.perform('GetParameter', { Name: '/app/a' })).toMatchObject({ Parameter: { Version: 2 } })
  })
})
