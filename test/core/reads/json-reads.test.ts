import { type as ark } from 'arktype'
import * as v from 'valibot'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { DatabaseSecret, SecretCache, type SecretCacheError, type StandardSchema } from '../../../src/index.js'
import { clock, fake, useFake } from '../../support/fake-cache.js'
import { rejectionOf } from '../../support/rejection.js'

const id = 'prod/db'
const password = 'correct-horse-battery-staple'

let cache: SecretCache

useFake({ [id]: { username: 'app', password, port: '5432', tags: ['a'] } })

beforeEach(() => {
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

/** A schema that answers so. */
function judging(validate: (value: unknown) => unknown): StandardSchema {
  return counting(validate as StandardSchema['~standard']['validate']).schema
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
  ['is none', new (class Schema {})() as unknown as StandardSchema],
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

it.each<[string, unknown, string, string]>([
  ['text that is no JSON', undefined, `The secret ${id} is not valid JSON.`, 'getSecretString'],
  [
    'what is no schema',
    new (class Schema {})(),
    'does not implement Standard Schema.',
    'Options of the read are a plain object.',
  ],
  ['nothing for a schema', null, 'does not implement Standard Schema.', 'Options of the read are a plain object.'],
  ['a schema that throws', judging(() => JSON.parse('')), `The schema for ${id} threw an exception.`, 'made-up value'],
  [
    'a schema that refuses it all',
    judging(() => ({ issues: [{ message: password }, { message: password, path: [] }] })),
    'is not what the schema expects: see the secret as a whole.',
    "The validator's own words are left out",
  ],
  [
    'a schema that refuses',
    judging(() => ({ issues: [{ message: password, path: ['a', { key: password.repeat(9) }, '$b-c'] }] })),
    `The current version of ${id} is not what the schema expects: see a.?.?.`,
    "The validator's own words are left out",
  ],
])('%s is told with what to do', async (_, schema, message, hint) => {
  if (schema === undefined) fake.rotate(id, 'text')
  const error = await rejectionOf(cache.getSecretJson(id, schema as StandardSchema))
  expect(error.message).toContain(message)
  expect(error.hint).toContain(hint)
})

it('exactly ten fields that are wrong are all named', async () => {
  const issues = [...Array(10).keys()].map(n => ({ message: 'no', path: [`field${n}`] }))
  const { message } = await rejectionOf(
    cache.getSecretJson(
      id,
      judging(() => ({ issues })),
    ),
  )
  expect(message).toMatch(/field0, field1, .*field9\. The/)
})

it.each<[string, unknown, boolean]>([
  ['a Date', new Date(0), true],
  ['an object of a class', new (class Port {})(), false],
  ['an object without a prototype', Object.create(null), true],
  ['an array', [], true],
])('%s that a schema makes is frozen, as a copy, unless it is of a class of its own', async (_, value, frozen) => {
  const read = await cache.getSecretJson(
    id,
    judging(() => ({ value })),
  )
  expect(read).toEqual(value)
  expect(read !== value).toBe(frozen)
  expect(Object.isFrozen(read)).toBe(frozen)
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

describe('options without a schema', () => {
  it('stand in the second place or in the third one', async () => {
    fake.rotate(id, { username: 'next' })
    const previous = { versionStage: 'AWSPREVIOUS' }
    for (const read of [cache.getSecretJson(id, previous), cache.getSecretJson(id, undefined, previous)])
      expect(await read).toMatchObject({ username: 'app' })
    expect(await cache.getSecretJson(id, {})).toEqual({ username: 'next' })
  })

  it('that there are none of are a TypeError and no schema', async () => {
    await expect(cache.getSecretJson(id, { maxAge: 60 } as never)).rejects.toThrow(/^Unknown option "maxAge" of a read\./)
    await expect(cache.getSecretJson(id, { parse() {} } as never)).rejects.toThrow('Unknown option "parse" of a read.')
    expect(fake.count()).toBe(0)
  })
})
