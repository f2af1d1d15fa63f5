import { type as ark } from 'arktype'
import * as v from 'valibot'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { DatabaseSecret, SecretCache, type SecretCacheError, type StandardSchema } from '../../src/index.js'
import { FakeSecretsManager, ManualClock } from '../../src/testing/index.js'

const id = 'prod/db'
const password = 'correct-horse-battery-staple'

let clock: ManualClock
let fake: FakeSecretsManager
let cache: SecretCache

beforeEach(() => {
  clock = new ManualClock()
  fake = new FakeSecretsManager({ clock, secrets: { [id]: { username: 'app', password, port: '5432', tags: ['a'] } } })
  cache = new SecretCache({ source: fake.source(), clock, ttlJitter: 0 })
})

/** A schema that counts how often it is asked. */
function counting(validate: StandardSchema['~standard']['validate']): {
  schema: StandardSchema
  asked: ReturnType<typeof vi.fn>
} {
  const asked = vi.fn(validate)
  return { schema: { '~standard': { version: 1, vendor: 'test', validate: asked } }, asked }
}

const schemas: [string, StandardSchema<{ username: string; password: string }>][] = [
  ['zod', z.object({ username: z.string(), password: z.string() })],
  ['valibot', v.object({ username: v.string(), password: v.string() })],
  ['arktype', ark({ username: 'string', password: 'string' })],
  ['DatabaseSecret', DatabaseSecret],
]

describe.each(schemas)('with a schema of %s', (_, schema) => {
  it('reads the current version, frozen deep', async () => {
    const read = await cache.getSecretJson(id, schema)
    expect(read).toMatchObject({ username: 'app', password })
    expect(Object.isFrozen(read)).toBe(true)
  })

  it('refuses a version that lacks a field, names it and not the value, and leaves the text readable', async () => {
    fake.rotate(id, { username: password })
    const error: SecretCacheError = await cache.getSecretJson(id, schema).then(
      () => expect.fail(),
      refusal => refusal,
    )
    expect(error).toMatchObject({ code: 'ERR_SECRET_SCHEMA', secretId: id })
    expect(error.message).toContain('password')
    expect(`${error.message} ${error.hint} ${error.cause}`).not.toContain('correct-horse')
    expect(await cache.getSecretString(id)).toContain(password)
  })
})

it('asks a schema once for each version, and gives every reader the same promise', async () => {
  const { schema, asked } = counting(value => ({ value }))
  await cache.getSecretJson(id, schema)
  expect(cache.getSecretJson(id, schema)).toBe(cache.getSecretJson(id, schema))
  await clock.advance(400_000)
  await cache.getSecretJson(id, schema)
  expect(asked).toHaveBeenCalledTimes(1)
  fake.rotate(id)
  await cache.refreshNow(id)
  await cache.getSecretJson(id, schema)
  expect(asked).toHaveBeenCalledTimes(2)
})

it('waits for a schema that answers later, and asks it once', async () => {
  const { schema, asked } = counting(async value => ({ value }))
  const reads = await Promise.all([cache.getSecretJson(id, schema), cache.getSecretJson(id, schema)])
  expect(reads[0]).toBe(reads[1])
  expect(asked).toHaveBeenCalledTimes(1)
  expect((await cache.getSecret(id)).json(schema)).toBe(reads[0])
})

it('gives each reader of a refused version an error of its own', async () => {
  const { schema, asked } = counting(() => ({ issues: [{ message: 'no' }] }))
  const errors = new Set<unknown>()
  for (let read = 0; read < 3; read += 1) await cache.getSecretJson(id, schema).catch(error => errors.add(error))
  expect(errors.size).toBe(3)
  expect(asked).toHaveBeenCalledTimes(1)
})

it.each<[string, StandardSchema]>([
  [
    'throws',
    counting(() => {
      throw new Error(password)
    }).schema,
  ],
  ['rejects', counting(() => Promise.reject(new Error(password))).schema],
  ['is none', { versionStage: 'AWSPENDING' } as unknown as StandardSchema],
])('says so if the schema %s', async (_, schema) => {
  const error: SecretCacheError = await cache.getSecretJson(id, schema).then(
    () => expect.fail(),
    refusal => refusal,
  )
  expect(error.code).toBe('ERR_SECRET_SCHEMA')
  expect(`${error.message} ${error.cause}`).not.toContain(password)
})

it('a change of what one reader got cannot reach another', async () => {
  const read = await cache.getSecretJson<{ username: string; tags: string[] }>(id)
  expect(() => (read.tags as string[]).push('b')).toThrow(TypeError)
  expect(await cache.getSecretJson(id)).toMatchObject({ tags: ['a'] })
})

it('what a schema froze itself is frozen to its depths', async () => {
  const { schema } = counting(value => ({ value: Object.freeze({ inner: value }) }))
  const read = (await cache.getSecretJson(id, schema)) as { inner: object }
  expect(Object.isFrozen(read.inner)).toBe(true)
})

it('text that is no JSON is named without being quoted', async () => {
  fake.rotate(id, `{"password": ${password}}`)
  const error: SecretCacheError = await cache.getSecretJson(id).then(
    () => expect.fail(),
    refusal => refusal,
  )
  expect(error).toMatchObject({ code: 'ERR_SECRET_FORMAT', secretId: id })
  expect(`${error.stack} ${error.cause}`).not.toContain('horse')
})

it('__proto__ and friends are fields like others', async () => {
  fake.rotate(id, '{"username":"u","password":"p","__proto__":{"admin":true},"constructor":1}')
  const read = await cache.getSecretJson(id, DatabaseSecret)
  expect(Object.keys(read)).toEqual(['username', 'password', '__proto__', 'constructor'])
  expect((read as { admin?: unknown }).admin).toBeUndefined()
  expect(({} as { admin?: unknown }).admin).toBeUndefined()
})

it('sixty thousand brackets are read like anything else', async () => {
  fake.rotate(id, '['.repeat(30_000) + ']'.repeat(30_000))
  expect(Array.isArray(await cache.getSecretJson(id))).toBe(true)
})

describe('DatabaseSecret', () => {
  it('reads port and ssl as text too and keeps what it does not know', async () => {
    fake.rotate(id, { username: 'u', password: 'p', port: '5432', ssl: 'true', other: { deep: 1 } })
    expect(await cache.getSecretJson(id, DatabaseSecret)).toEqual({
      username: 'u',
      password: 'p',
      port: 5432,
      ssl: true,
      other: { deep: 1 },
    })
  })

  it.each([
    [{ username: '', password: 'p' }, 'username'],
    [{ username: 'u' }, 'password'],
    [{ username: 'u', password: 'p', port: 'http' }, 'port'],
    [{ username: 'u', password: 'p', port: 70_000 }, 'port'],
    [{ username: 'u', password: 'p', ssl: 'maybe' }, 'ssl'],
    [{ username: 'u', password: 'p', host: '' }, 'host'],
    [[], 'as a whole'],
  ])('refuses %j and names what is wrong', async (value, field) => {
    fake.rotate(id, value)
    await expect(cache.getSecretJson(id, DatabaseSecret)).rejects.toThrow(field)
  })
})

describe('a handle', () => {
  it('has the value after the first read, follows the secret, and is undefined where the schema refuses', async () => {
    const handle = cache.handle(id, { schema: DatabaseSecret })
    expect(handle.current).toBeUndefined()
    const read = await handle.get()
    expect(handle.current).toBe(read)
    fake.rotate(id, { username: 'next', password: 'p' })
    await cache.refreshNow(id)
    expect(handle.current?.username).toBe('next')
    fake.rotate(id, { username: 'no password' })
    await cache.refreshNow(id)
    expect(handle.current).toBeUndefined()
  })
})

describe('resolve', () => {
  it.each([
    [(arn: string) => `${arn}:password::`, password],
    [(arn: string) => `${arn}:tags::`, '["a"]'],
    [() => `{{resolve:secretsmanager:${id}:SecretString:username}}`, 'app'],
    [
      (arn: string) =>
        `pg://{{resolve:secretsmanager:${arn}:SecretString:username}}:{{resolve:secretsmanager:${id}:SecretString:port::}}/x`,
      'pg://app:5432/x',
    ],
  ])('reads reference %#', async (reference, expected) => {
    const { arn } = await cache.getSecret(id)
    expect(await cache.resolve(reference(arn))).toBe(expected)
  })

  it.each([
    '{{resolve:ssm:x}}',
    `{{resolve:secretsmanager:${id}:Binary}}`,
    '',
    'arn:aws:secretsmanager:eu-west-1:123456789012:secret:x-AbCdEf:a:b:c:d',
  ])('refuses %s', async reference => {
    await expect(cache.resolve(reference)).rejects.toMatchObject({ code: 'ERR_SECRET_REQUEST' })
  })

  it('names the field that a secret lacks', async () => {
    const { arn } = await cache.getSecret(id)
    await expect(cache.resolve(`${arn}:toString::`)).rejects.toThrow('no field "toString"')
  })
})
