import { type as ark } from 'arktype'
import * as v from 'valibot'
import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { DatabaseSecret, type StandardSchema } from '../../../src/index.js'
import { cacheOf, clock, fake, useFake } from '../../support/fake-cache.js'
import { rejectionOf } from '../../support/rejection.js'

const id = 'prod/db'
const planted = 'planted-7d1f'

/** A schema of nobody's library. */
function schemaOf(validate: (value: unknown) => unknown): StandardSchema {
  return { '~standard': { version: 1, vendor: 'test', validate: validate as StandardSchema['~standard']['validate'] } }
}

useFake({ [id]: { username: 'app', password: planted, port: '5432' } })

describe.each<[string, StandardSchema]>([
  ['zod', z.object({ username: z.string(), port: z.coerce.number(), at: z.date().default(new Date(0)) })],
  [
    'valibot',
    v.object({ username: v.string(), port: v.pipe(v.string(), v.transform(Number)), at: v.optional(v.date(), new Date(0)) }),
  ],
  ['arktype', ark({ username: 'string', port: 'string.integer.parse', at: ark('Date').default(() => new Date(0)) })],
])('a schema of %s', (_, schema) => {
  it('may make another value of what it reads: that is what readers get, and its Date stays one', async () => {
    const read = (await cacheOf().getSecretJson(id, schema)) as { port: number; at: Date }
    expect(read.port).toBe(5432)
    expect(read.at).toEqual(new Date(0))
    expect(Object.isFrozen(read)).toBe(true)
  })

  it('names a field deep inside without its value', async () => {
    fake.rotate(id, { username: [planted], port: 'x' })
    const { message, hint, code } = await rejectionOf(cacheOf().getSecretJson(id, schema))
    expect(code).toBe('ERR_SECRET_SCHEMA')
    expect(message).toContain('username')
    expect(`${message} ${hint}`).not.toContain(planted)
  })
})

it('an asynchronous schema of zod is waited for, and its refusal too', async () => {
  const schema = z.object({ password: z.string().refine(async password => password === planted) })
  const cache = cacheOf()
  expect(await cache.getSecretJson(id, schema)).toEqual({ password: planted })
  fake.rotate(id, { password: 'another' })
  cache.invalidate(id)
  await expect(cache.getSecretJson(id, schema)).rejects.toMatchObject({ code: 'ERR_SECRET_SCHEMA', secretId: id })
})

it('two schemas of one secret are validated apart, and the text is read as it is', async () => {
  const cache = cacheOf()
  const name = await cache.getSecretJson(id, z.object({ username: z.string() }))
  const port = await cache.getSecretJson(id, z.object({ port: z.string() }))
  expect([name, port]).toEqual([{ username: 'app' }, { port: '5432' }])
  expect(JSON.parse(await cache.getSecretString(id))).toMatchObject({ username: 'app', password: planted })
})

it('a schema that changes its input changes it for nobody else', async () => {
  const meddler = schemaOf(value => ({ value: Object.assign(value as object, { username: 'changed' }) }))
  const cache = cacheOf()
  expect(await cache.getSecretJson(id, meddler)).toMatchObject({ username: 'changed' })
  expect(await cache.getSecretJson(id)).toMatchObject({ username: 'app' })
  expect(await cache.getSecretString(id)).toContain('"app"')
})

it.each<[string, StandardSchema]>([
  ['zod', z.object({ deep: z.object({ list: z.array(z.string()) }) }).readonly()],
  ['nobody', schemaOf(value => ({ value: Object.freeze(value) }))],
])('what a schema of %s has frozen on the outside only is frozen to the bottom', async (_, schema) => {
  fake.rotate(id, { deep: { list: ['a'] } })
  const read = (await cacheOf().getSecretJson(id, schema)) as { deep: { list: string[] } }
  expect([read, read.deep, read.deep.list].map(part => Object.isFrozen(part))).toEqual([true, true, true])
})

it('a value that goes round in circles is frozen all the same', async () => {
  const circular = schemaOf(value => ({ value: Object.assign(value as object, { self: value }) }))
  const read = (await cacheOf().getSecretJson(id, circular)) as { self: unknown }
  expect(read.self).toBe(read)
  expect(Object.isFrozen(read)).toBe(true)
})

it('a version that the schema refuses is still the version: the old one is not served in its place', async () => {
  const cache = cacheOf()
  await cache.getSecretJson(id, DatabaseSecret)
  fake.rotate(id, { username: 'next' })
  await cache.refreshNow(id)
  await expect(cache.getSecretJson(id, DatabaseSecret)).rejects.toMatchObject({ code: 'ERR_SECRET_SCHEMA' })
  expect(await cache.getSecretString(id)).toBe('{"username":"next"}')
  fake.rotate(id, { username: 'next', password: 'p' })
  await cache.refreshNow(id)
  expect(await cache.getSecretJson(id, DatabaseSecret)).toEqual({ username: 'next', password: 'p' })
})

it('a refused version is no failed load: no pause, no event, no count', async () => {
  const cache = cacheOf()
  const errors: unknown[] = []
  cache.on('error', event => errors.push(event))
  await rejectionOf(cache.getSecretJson(id, z.string()))
  expect(errors).toEqual([])
  expect(cache.stats()).toMatchObject({ loads: 1, failures: 0 })
})

it('each reader of an asynchronous refusal has an error of its own, named by the id it read', async () => {
  const cache = cacheOf()
  const { arn } = await cache.getSecret(id)
  const refusing = schemaOf(async () => ({ issues: [{ message: 'no' }] }))
  const [first, second] = await Promise.all([id, arn].map(form => rejectionOf(cache.getSecretJson(form, refusing))))
  const third = await rejectionOf(cache.getSecretJson(id, refusing))
  expect(new Set([first, second, third]).size).toBe(3)
  expect([first?.secretId, second?.secretId, third.secretId]).toEqual([id, arn, id])
})

it('of many fields that are wrong ten are named, each once, and the rest counted', async () => {
  const issues = [...Array(25).keys(), 0].map(n => ({ message: 'no', path: [`field${n}`] }))
  const { message } = await rejectionOf(
    cacheOf().getSecretJson(
      id,
      schemaOf(() => ({ issues })),
    ),
  )
  expect(message.match(/field\d+/g)).toEqual(Array.from({ length: 10 }, (_, n) => `field${n}`))
  expect(message).toContain('and 15 more')
})

describe('a schema that does not answer as Standard Schema says', () => {
  const refuse = (): never => {
    throw new Error(planted)
  }
  const trapped = (field: string): object => Object.defineProperty({}, field, { enumerable: true, get: refuse })

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['an issue that is none', { issues: [null] }],
    ['issues that are no list', { issues: planted }],
    ['a path that is none', { issues: [{ message: planted, path: planted }] }],
    ['a path of nothing', { issues: [{ message: planted, path: [null] }] }],
    ['an answer that throws when it is looked at', trapped('issues')],
    ['a value that throws when it is looked at', { value: trapped('field') }],
  ])('answering %s is ERR_SECRET_SCHEMA, at once and later', async (_, answer) => {
    const cache = cacheOf()
    for (const schema of [schemaOf(() => answer), schemaOf(async () => answer)]) {
      const error = await rejectionOf(cache.getSecretJson(id, schema))
      expect(error).toMatchObject({ name: 'SecretCacheError', code: 'ERR_SECRET_SCHEMA', secretId: id })
      expect(`${error.stack} ${error.cause}`).not.toContain(planted)
    }
  })
})

describe('Secret.json', () => {
  it('is what getSecretJson gives: the same object', async () => {
    const cache = cacheOf()
    const secret = await cache.getSecret(id)
    expect(secret.json(DatabaseSecret)).toBe(await cache.getSecretJson(id, DatabaseSecret))
    expect(secret.json()).toBe(await cache.getSecretJson(id))
  })

  it('throws for a schema that has not answered yet, and goes on when it has', async () => {
    const secret = await cacheOf().getSecret(id)
    const later = schemaOf(async value => ({ value }))
    expect(() => secret.json(later)).toThrow(
      expect.objectContaining({
        code: 'ERR_SECRET_SCHEMA',
        message: expect.stringContaining(`The schema for ${id} validates asynchronously and has not finished yet.`),
        hint: expect.stringContaining('getSecretJson'),
      }),
    )
    await clock.advance(0)
    expect(secret.json(later)).toMatchObject({ username: 'app' })
  })

  it('throws at once for a schema that throws', async () => {
    const secret = await cacheOf().getSecret(id)
    expect(() => secret.json(schemaOf(() => JSON.parse('')))).toThrow('threw an exception')
  })

  it('throws what a schema has answered in the meantime', async () => {
    const secret = await cacheOf().getSecret(id)
    const refusing = schemaOf(async () => ({ issues: [{ message: 'no' }] }))
    expect(() => secret.json(refusing)).toThrow('has not finished yet')
    await clock.advance(0)
    expect(() => secret.json(refusing)).toThrow('is not what the schema expects')
  })

  it('throws an error of its own each time', async () => {
    const secret = await cacheOf().getSecret(id)
    const errors = [1, 2].map(() => {
      try {
        return secret.json(z.number())
      } catch (error) {
        return error
      }
    })
    expect(errors[0]).toMatchObject({ code: 'ERR_SECRET_SCHEMA' })
    expect(errors[0]).not.toBe(errors[1])
  })
})

it('a signal ends the waiting for a schema that never answers', async () => {
  const cache = cacheOf()
  const controller = new AbortController()
  const read = rejectionOf(
    cache.getSecretJson(
      id,
      schemaOf(() => new Promise(() => {})),
      { signal: controller.signal },
    ),
  )
  await clock.advance(0)
  controller.abort(new Error('enough'))
  const outcome = await Promise.race([read, clock.advance(0).then(() => 'still waiting')])
  expect(outcome).toMatchObject({ message: 'enough' })
})

it('four asynchronous schemas of one secret are each asked once', async () => {
  const cache = cacheOf()
  const ask = vi.fn(async value => ({ value }))
  const schemas = [1, 2, 3, 4].map(() => schemaOf(ask))
  for (let read = 0; read < 2; read += 1) await Promise.all(schemas.map(schema => cache.getSecretJson(id, schema)))
  expect(ask).toHaveBeenCalledTimes(4)
})

it.each(['null', '5', '"text"', 'true', '[]'])('%s is JSON like any other', async text => {
  fake.rotate(id, text)
  expect(JSON.stringify(await cacheOf().getSecretJson(id))).toBe(text)
})

it('JSON of a binary secret is refused as what it is', async () => {
  fake.rotate(id, Buffer.from('{}'))
  const cache = cacheOf()
  const secret = await cache.getSecret(id)
  await expect(cache.getSecretJson(id)).rejects.toMatchObject({ code: 'ERR_SECRET_FORMAT', secretId: id })
  expect(() => secret.json()).toThrow(expect.objectContaining({ code: 'ERR_SECRET_FORMAT' }))
  expect(() => secret.text()).toThrow(expect.objectContaining({ code: 'ERR_SECRET_FORMAT' }))
})

it.each([
  ['a text of 65,536 opening brackets', '['.repeat(65_536), 'ERR_SECRET_FORMAT'],
  ['an empty object key', '{"":', 'ERR_SECRET_FORMAT'],
  ['a byte order mark before it', '\uFEFF{}', 'ERR_SECRET_FORMAT'],
])('%s is no JSON', async (_, text, code) => {
  fake.rotate(id, text)
  await expect(cacheOf().getSecretJson(id)).rejects.toMatchObject({ code })
})

it('65,536 characters of nested arrays and of nested objects are frozen to the bottom', async () => {
  const depth = 10_000
  fake.rotate(id, `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`)
  let part: unknown = await cacheOf().getSecretJson(id)
  let frozen = 0
  while (typeof part === 'object' && part !== null) {
    if (Object.isFrozen(part)) frozen += 1
    part = (part as { a: unknown }).a
  }
  expect(frozen).toBe(depth)
})
