import { describe, expect, it } from 'vitest'
import { SecretCache } from '../../src/index.js'
import { ssmSource } from '../../src/ssm/index.js'
import { FakeParameterStore, ManualClock } from '../../src/testing/index.js'
import { rejectionOf } from '../support/rejection.js'
import { parameterScene } from './scene.js'

const arnOf = (name: string): string => `arn:aws:ssm:eu-west-1:123456789012:parameter/${name}`

describe('a parameter', () => {
  it('is read decrypted, with its version, its ARN and its date', async () => {
    const { cache, clock, store } = parameterScene({ '/app/key': 'one' })
    await clock.advance(1_000)
    store.put('/app/key', 'two')
    const secret = await cache.getSecret('/app/key')
    expect([secret.text(), secret.arn, secret.name, secret.versionId, secret.versionStages, secret.createdDate]).toEqual([
      'two',
      arnOf('app/key'),
      '/app/key',
      '2',
      ['AWSCURRENT'],
      new Date(clock.now()),
    ])
  })

  it('is one in all its forms, which share an entry and its refreshes', async () => {
    const { cache, store, asked } = parameterScene({ foo: 'one', 'foo-abcdef': 'other' })
    expect(await cache.getSecretString('foo')).toBe('one')
    expect(await cache.getSecretString('/foo')).toBe('one')
    expect(await cache.getSecretString(arnOf('foo'))).toBe('one')
    expect(await cache.getSecretString('foo-abcdef')).toBe('other')
    expect([cache.stats().entries, asked()]).toEqual([2, ['foo', '/foo', 'foo-abcdef']])
    store.put('foo', 'two')
    const rotated: string[] = []
    cache.handle('/foo').on('rotated', ({ versionId }) => rotated.push(versionId))
    await cache.refreshNow(arnOf('foo'))
    expect([await cache.getSecretString('foo'), await cache.getSecretString('/foo'), rotated]).toEqual(['two', 'two', ['2']])
  })

  it.each([
    ['foo', '/foo', arnOf('foo')],
    ['foo', arnOf('foo'), '/foo'],
    ['/foo', 'foo', arnOf('foo')],
    ['/foo', arnOf('foo'), 'foo'],
    [arnOf('foo'), 'foo', '/foo'],
    [arnOf('foo'), '/foo', 'foo'],
  ])('that is read as %s, %s and %s has one entry, and an event and invalidate reach each form', async (...ids) => {
    const { cache, store } = parameterScene({ foo: 'one' })
    for (const id of ids) await cache.getSecretString(id)
    expect(cache.stats().entries).toBe(1)
    const events: unknown[] = []
    store.onEvent(event => events.push(event))
    store.put('foo', 'two')
    await cache.handleRotationEvent(events[0])
    expect(ids.map(id => cache.peek(id)?.text())).toEqual(['two', 'two', 'two'])
    cache.invalidate('foo')
    expect(ids.map(id => cache.peek(id))).toEqual([undefined, undefined, undefined])
  })

  it('of a path is found by its ARN when it was read by its name, and the other way round', async () => {
    const { cache, asked } = parameterScene({ '/a/b': 'one', '/c/d': 'two' })
    await cache.getSecretString('/a/b')
    await cache.getSecretString(arnOf('c/d'))
    expect([await cache.getSecretString(arnOf('a/b')), cache.peek('/a/b')?.text()]).toEqual(['one', 'one'])
    cache.invalidate('/c/d')
    expect(await cache.getSecretString(arnOf('c/d'))).toBe('two')
    expect(asked()).toEqual(['/a/b', arnOf('c/d'), arnOf('c/d')])
  })

  it.each(['one,two, three', '1'])('that is a list stays the text %j', async value => {
    const { cache } = parameterScene({ hosts: { type: 'StringList', value } })
    expect(await cache.getSecretString('hosts')).toBe(value)
  })

  it('of JSON is parsed', async () => {
    const { cache } = parameterScene({ '/app/db': '{"user":"app"}' })
    expect(await cache.getSecretJson('/app/db')).toEqual({ user: 'app' })
  })
})

describe('a version', () => {
  it('is selected by its number, by a label and as the one before', async () => {
    const { cache, store, asked } = parameterScene({ '/app/key': 'one' })
    store.put('/app/key', 'two')
    store.put('/app/key', 'three')
    store.label('/app/key', ['blue'], { version: 1 })
    const read = async (options: object): Promise<unknown[]> => {
      const secret = await cache.getSecret('/app/key', options)
      return [secret.text(), secret.versionId, secret.versionStages]
    }
    expect(await read({ versionId: '1' })).toEqual(['one', '1', []])
    expect(await read({ versionStage: 'blue' })).toEqual(['one', '1', ['blue']])
    expect(await read({ versionStage: 'AWSPREVIOUS' })).toEqual(['two', '2', ['AWSPREVIOUS']])
    expect(asked()).toEqual(['/app/key:1', '/app/key:blue', '/app/key', '/app/key:2'])
  })

  it.each([
    ['a version that does not exist', { versionId: '7' }, 'could not find version 7'],
    ['a label that does not exist', { versionStage: 'green' }, 'No version has that number or label'],
    ['a version that is no number', { versionId: 'EXAMPLE1-90ab-cdef' }, 'A version of a parameter is a number.'],
    ['AWSPENDING', { versionStage: 'AWSPENDING' }, 'A parameter has no AWSPENDING.'],
    ['a label that begins with a digit', { versionStage: '1' }, 'No label of a parameter has this form.'],
    ['a version with a zero before it', { versionId: '01' }, 'A version of a parameter is a number.'],
    ['AWSPREVIOUS of the first', { versionStage: 'AWSPREVIOUS' }, 'The parameter has had one version only.'],
  ])('%s is an error of its own', async (_, options, text) => {
    const { cache } = parameterScene({ '/app/key': 'one' })
    expect(await rejectionOf(cache.getSecret('/app/key', options))).toMatchObject({
      code: 'ERR_SECRET_VERSION',
      message: expect.stringContaining(text),
    })
  })

  it('that was never one of a parameter costs no call', async () => {
    const { cache, store } = parameterScene({ '/app/key': 'one' })
    await rejectionOf(cache.getSecret('/app/key', { versionStage: 'AWSPENDING' }))
    await rejectionOf(cache.getSecret('/app/key', { versionId: 'x' }))
    expect(store.calls).toEqual([])
  })

  it('of a label is what a cache of that label reads', async () => {
    const { cache, store } = parameterScene({ '/app/key': 'one' }, { cache: { versionStage: 'blue' } })
    store.put('/app/key', 'two')
    store.label('/app/key', ['blue'], { version: 1 })
    expect(await cache.getSecretString('/app/key')).toBe('one')
  })
})

describe('an old answer', () => {
  it('is read again until the newest version that was seen is back', async () => {
    const { cache, clock, store } = parameterScene({ '/app/key': 'one' })
    store.put('/app/key', 'two')
    await cache.getSecretString('/app/key')
    store.inject({ operation: 'GetParameter', answer: 'old', times: 2 })
    const refreshed = cache.refreshNow('/app/key')
    await clock.advance(1_000)
    expect([(await refreshed).versionId, store.calls.length]).toEqual(['2', 4])
  })

  it('that stays leaves what is held in use, and is no rotation', async () => {
    const { cache, clock, store } = parameterScene({ '/app/key': 'one' })
    const rotated: unknown[] = []
    store.put('/app/key', 'two')
    await cache.getSecretString('/app/key')
    cache.on('rotated', event => rotated.push(event))
    store.inject({ operation: 'GetParameter', answer: 'old' })
    const refreshed = rejectionOf(cache.refreshNow('/app/key'))
    await clock.advance(5_000)
    expect(await refreshed).toMatchObject({
      code: 'ERR_SECRET_UNAVAILABLE',
      message: expect.stringContaining('answers with an older version than before'),
    })
    expect([cache.peek('/app/key')?.text(), rotated]).toEqual(['two', []])
  })

  it('is not what a parameter answers that was deleted and created again', async () => {
    const { cache, clock, store } = parameterScene({ '/app/key': 'one' })
    store.put('/app/key', 'two')
    await cache.getSecretString('/app/key')
    await clock.advance(1_000)
    store.delete('/app/key')
    store.put('/app/key', 'anew')
    expect(await cache.refreshNow('/app/key')).toMatchObject({ versionId: expect.stringMatching(/^1\.\d+$/) })
    expect(await cache.getSecretString('/app/key')).toBe('anew')
  })
})

describe('a parameter that was created again', () => {
  it('with the same version is another one, for readers, refreshes and followers', async () => {
    const { cache, clock, store } = parameterScene({ '/app/key': 'one' })
    await cache.getSecretString('/app/key')
    const events: unknown[] = []
    store.onEvent(event => events.push(event))
    await clock.advance(1_000)
    store.delete('/app/key')
    store.put('/app/key', 'anew')
    expect(await cache.handleRotationEvent(events[1])).toMatchObject([{ outcome: 'refreshed' }])
    const { versionId } = await cache.getSecret('/app/key')
    expect([await cache.getSecretString('/app/key'), versionId]).toEqual(['anew', expect.stringMatching(/^1\.\d+$/)])
    expect((await cache.getSecret('/app/key', { versionId })).text()).toBe('anew')
    await clock.advance(1_000)
    store.put('/app/key', 'two')
    expect((await cache.refreshNow('/app/key')).versionId).toMatch(/^2\.\d+$/)
  })
})

describe('a version that was deleted with its parameter', () => {
  const dates = [10, 20, 30, 40].map(second => new Date(Date.UTC(2030, 0, 1, 0, 0, second)))
  const version = (Version: number, value: string, date = 0) => ({
    ARN: arnOf('app/key'),
    Name: '/app/key',
    Version,
    Value: value,
    LastModifiedDate: dates[date],
  })
  const lastOf = (answers: ReturnType<typeof version>[]) => ({
    send: async () => ({ Parameter: answers.length > 1 ? answers.shift() : answers[0] }),
  })

  it('is an old answer, though its number is higher than that of the parameter that was created since', async () => {
    const clock = new ManualClock()
    const answers = [
      version(2, 'deleted', 0),
      version(1, 'anew', 2),
      version(2, 'deleted', 0),
      version(3, 'deleted', 1),
      version(2, 'newest', 3),
    ]
    const cache = new SecretCache({ source: ssmSource({ client: lastOf(answers), clock }), clock })
    const read: string[] = []
    cache.on('rotated', ({ versionId }) => read.push(versionId))
    await cache.getSecretString('/app/key')
    await cache.refreshNow('/app/key')
    expect(cache.peek('/app/key')?.text()).toBe('anew')
    const refreshed = cache.refreshNow('/app/key')
    await clock.advance(1_000)
    expect([(await refreshed).text(), read]).toEqual(['newest', [`1.${Number(dates[2])}`, `2.${Number(dates[3])}`]])
  })

  it('is not what its id returns afterwards', async () => {
    const cache = new SecretCache({ source: ssmSource({ client: lastOf([version(1, 'anew', 2)]) }) })
    for (const versionId of [`1.${Number(dates[0])}`, '1.5', '1.']) {
      expect(await rejectionOf(cache.getSecret('/app/key', { versionId }))).toMatchObject({ code: 'ERR_SECRET_VERSION' })
    }
    expect((await cache.getSecret('/app/key', { versionId: `1.${Number(dates[2])}` })).text()).toBe('anew')
  })
})

it('a parameter of another name than the one that was requested is not believed', async () => {
  const answer = { ARN: arnOf('app/other'), Name: '/app/other', Version: 1, Value: 'other', LastModifiedDate: new Date(0) }
  const cache = new SecretCache({ source: ssmSource({ client: { send: async () => ({ Parameter: answer }) } }) })
  expect(await rejectionOf(cache.getSecretString('/app/key'))).toMatchObject({ code: 'ERR_SECRET_UNAVAILABLE' })
})

describe('what cannot be read', () => {
  it.each([
    ['/app/missing', 'ERR_SECRET_NOT_FOUND', 'does not exist: ParameterNotFound. Is it in this account'],
    ['/app/missing', 'ERR_SECRET_NOT_FOUND', 'One of another account is read by its ARN.'],
    [arnOf('app/missing'), 'ERR_SECRET_NOT_FOUND', 'A parameter of another account must be shared.'],
    ['/aws/reference/secretsmanager/prod/db:AWSPREVIOUS', 'ERR_SECRET_REQUEST', 'Pass { versionId }'],
    ['/app/key:3', 'ERR_SECRET_REQUEST', 'Pass { versionId } for a version or { versionStage } for a label'],
    ['a/b', 'ERR_SECRET_REQUEST', 'with slashes in it begins with one'],
    ['prod key', 'ERR_SECRET_REQUEST', 'letters, digits and ._-'],
    [
      'arn:aws:ssm:us-east-1:123456789012:parameter/app/key',
      'ERR_SECRET_REQUEST',
      'is in us-east-1, and this source reads eu-west-1',
    ],
    ['arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf', 'ERR_SECRET_REQUEST', 'routedSource'],
    ['arn:aws:ssm:eu-west-1:123456789012:document/x', 'ERR_SECRET_REQUEST', 'is not the ARN of'],
  ])('%s is %s', async (secretId, code, text) => {
    const store = new FakeParameterStore({ parameters: { '/app/key': 'one' } })
    const client = Object.assign(store.client(), { config: { region: async () => 'eu-west-1' } })
    const cache = new SecretCache({ source: ssmSource({ client }) })
    expect(await rejectionOf(cache.getSecretString(secretId))).toMatchObject({ code, message: expect.stringContaining(text) })
  })

  it.each([
    [
      'AccessDeniedException',
      'The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.',
      'ERR_SECRET_ACCESS_DENIED',
      'kms:Decrypt on the key of the parameter',
    ],
    [
      'AccessDeniedException',
      'User: arn:aws:sts::123456789012:assumed-role/app/app is not authorized to perform: ssm:GetParameter on resource: arn:aws:ssm:eu-west-1:123456789012:parameter/app/key because no identity-based policy allows the ssm:GetParameter action',
      'ERR_SECRET_ACCESS_DENIED',
      'The role needs ssm:GetParameter on arn:aws:ssm:',
    ],
    [
      'AccessDeniedException',
      'User: arn:aws:sts::123456789012:assumed-role/app/app is not authorized to perform: ssm:GetParameter on resource: arn:aws:ssm:eu-west-1:123456789012:*',
      'ERR_SECRET_ACCESS_DENIED',
      'Is the name complete?',
    ],
    ['InvalidKeyId', 'The key ID is not valid.', 'ERR_SECRET_DECRYPTION', 'KMS key of the parameter'],
    ['ThrottlingException', 'Rate exceeded', 'ERR_SECRET_THROTTLED', 'Rate exceeded'],
    ['InternalServerError', 'An error occurred.', 'ERR_SECRET_UNAVAILABLE', 'An error occurred.'],
  ])('for %s (%s) says why', async (error, message, code, text) => {
    const { cache, store } = parameterScene({ '/app/key': 'one' })
    store.inject({ operation: 'GetParameter', error, message })
    const thrown = await rejectionOf(cache.getSecretString('/app/key'))
    expect(thrown).toMatchObject({ code, message: expect.stringContaining(text) })
    expect(String(thrown)).not.toContain('secretsmanager:')
  })

  it('is refused as an option', () => {
    expect(() => ssmSource({ regoin: 'eu-west-1' } as never)).toThrow(
      'Unknown option "regoin" of ssmSource. Did you mean "region"?',
    )
    expect(() => ssmSource({ client: {} as never })).toThrow('client must be a client of the AWS SDK v3')
    expect(() => ssmSource({ client: new FakeParameterStore().client(), region: 'eu-west-1' })).toThrow(
      'Pass one of region and client',
    )
  })
})

it('a parameter of an account that is not allowed is refused', async () => {
  const { cache } = parameterScene({ '/app/key': 'one' }, { cache: { allowedAccounts: ['210987654321'] } })
  expect(await rejectionOf(cache.getSecretString('/app/key'))).toMatchObject({ code: 'ERR_SECRET_ACCOUNT' })
})

it('a cache of secrets alone refuses the ARN of a parameter', async () => {
  const cache = new SecretCache({ client: { send: async () => ({}) } })
  expect(await rejectionOf(cache.getSecretString(arnOf('app/key')))).toMatchObject({
    code: 'ERR_SECRET_REQUEST',
    message: expect.stringContaining('is not the ARN of a secret'),
  })
})
