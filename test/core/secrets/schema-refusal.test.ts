import { type as ark } from 'arktype'
import * as v from 'valibot'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { z } from 'zod'
import { DatabaseSecret, SecretCache, type StandardSchema } from '../../../src/index.js'
import { settled } from '../../support/deferred-source.js'
import { everythingVisibleIn } from '../../support/doors.js'
import { rejectionOf } from '../../support/rejection.js'

type SchemaAnswer = ReturnType<StandardSchema['~standard']['validate']>

const id = 'prod/db'
/** A key that looks like a field's name, so that nothing but where it comes from tells it from one. */
const planted = 'customer_4711'

/** The message with which a schema refuses a secret. */
async function refusalOf(schema: StandardSchema, secret: unknown): Promise<string> {
  const value = { arn: 'a', name: id, versionId: 'v', versionStages: [], string: JSON.stringify(secret) }
  const cache = new SecretCache({ source: { get: async () => value } })
  const refusal = await rejectionOf(cache.getSecretJson(id, schema))
  expect(refusal.code).toBe('ERR_SECRET_SCHEMA')
  expect(everythingVisibleIn(refusal)).not.toContain(planted)
  return refusal.message
}

describe("a key of the secret's own is not repeated", () => {
  const record = { [planted]: 'x' }
  const extra = { username: 'u', [planted]: 'x' }
  it.each<[string, StandardSchema, object]>([
    ["a record's, by zod", z.record(z.string(), z.number()), record],
    ['a record of records, by zod', z.record(z.string(), z.record(z.string(), z.number())), { [planted]: record }],
    ['one of a form, by zod', z.record(z.templateLiteral(['customer_', z.number()]), z.number()), record],
    ['a further one, by zod', z.strictObject({ username: z.string() }), extra],
    ['one that falls to a catchall, by zod', z.object({ username: z.string() }).catchall(z.number()), extra],
    ["a record's, by valibot", v.record(v.string(), v.number()), record],
    ['a further one, by valibot', v.strictObject({ username: v.string() }), extra],
    ['one that falls to the rest, by valibot', v.objectWithRest({ username: v.string() }, v.number()), extra],
    ["a record's, by arktype", ark({ '[string]': 'number' }), record],
    ['one of a form, by arktype', ark({ '[/^customer_/]': 'number' }), record],
    ['a further one, by arktype', ark({ '+': 'reject', username: 'string' }), extra],
  ])('%s', async (_, schema, secret) => {
    await refusalOf(schema, secret)
  })

  it('also where one that the schema names stands below it', async () => {
    const schema = z.record(z.string(), z.object({ password: z.string() }))
    expect(await refusalOf(schema, { [planted]: { password: 1 } })).toContain('see ?.password.')
  })

  it('also where it stands between two that the schema names', async () => {
    const server = z.object({ server: z.object({ port: z.number() }) })
    const secret = { all: { [planted]: { server: { port: 'x' } } } }
    expect(await refusalOf(z.object({ all: z.record(z.string(), server) }), secret)).toContain('see all.?.server.port.')
  })

  it('by a schema that names whatever it is shown', async () => {
    const validate = (value: unknown): { issues: { message: string; path: string[] }[] } => ({
      issues: Object.keys(value as object).map(key => ({ message: 'no', path: [key] })),
    })
    expect(await refusalOf({ '~standard': { version: 1, vendor: 'x', validate } }, record)).toContain('see ?.')
  })
})

describe('a key that the schema names is', () => {
  const secret = { password: 1, server: { port: 'x' }, users: [{ name: 'a' }, { name: 1 }] }
  it.each<[string, StandardSchema]>([
    [
      'zod',
      z.object({ password: z.string(), server: z.object({ port: z.number() }), users: z.array(z.object({ name: z.string() })) }),
    ],
    [
      'valibot',
      v.object({ password: v.string(), server: v.object({ port: v.number() }), users: v.array(v.object({ name: v.string() })) }),
    ],
    ['arktype', ark({ password: 'string', server: { port: 'number' }, users: ark({ name: 'string' }).array() })],
  ])('by %s', async (_, schema) => {
    expect(await refusalOf(schema, secret)).toContain('see password, server.port, users.*.name.')
  })

  it.each<[string, StandardSchema]>([
    ['zod', z.object({ port: z.number().optional() })],
    ['arktype', ark({ 'port?': 'number' })],
    ['DatabaseSecret', DatabaseSecret],
  ])('an optional one too, if the schema can list them: by %s', async (_, schema) => {
    expect(await refusalOf(schema, { username: 'u', password: 'p', port: 'x' })).toContain('see port.')
  })

  it('and an optional one that it cannot list is left open, which the hint says', async () => {
    const message = await refusalOf(v.object({ port: v.optional(v.number()) }), { port: 'x' })
    expect(message).toContain("see ?. The validator's own words are left out")
    expect(message).toContain("? stands for a key that may be the secret's own")
  })
})

it('of very many issues the first are looked at', async () => {
  const schema = z.record(z.string(), z.number())
  const secret = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`${planted}${index}`, 'x']))
  expect(await refusalOf(schema, secret)).toContain('see ? and more.')
})

it('a schema that judges asynchronously, or throws without a value, names no keys', async () => {
  const issues = [{ message: 'no', path: [planted] }]
  const later = async (): Promise<{ issues: typeof issues }> => ({ issues })
  expect(await refusalOf({ '~standard': { version: 1, vendor: 'x', validate: later } }, {})).toContain('see ?.')
  let calls = 0
  const once = (): { issues: typeof issues } => {
    calls += 1
    if (calls > 1) throw new Error(planted)
    return { issues }
  }
  expect(await refusalOf({ '~standard': { version: 1, vendor: 'x', validate: once } }, {})).toContain('see ?.')
})

it('a schema that rejects later what it is asked about its keys leaves no rejection unhandled', async () => {
  const unhandled = vi.fn()
  process.on('unhandledRejection', unhandled)
  onTestFinished(() => void process.off('unhandledRejection', unhandled))
  const answers: (() => SchemaAnswer)[] = [() => ({ issues: [{ message: 'no', path: ['field'] }] })]
  const validate = (): SchemaAnswer => answers.shift()?.() ?? Promise.reject(new Error(planted))
  expect(await refusalOf({ '~standard': { version: 1, vendor: 'x', validate } }, {})).toContain('see ?.')
  await settled()
  expect(unhandled).not.toHaveBeenCalled()
})

describe('how many fields are named', () => {
  /** A schema that misses so many fields, each as often as told. */
  function missing(count: number, times = 1): StandardSchema {
    const issues = Array.from({ length: count * times }, (_, index) => ({ message: 'no', path: [`f${index % count}`] }))
    return { '~standard': { version: 1, vendor: 'x', validate: () => ({ issues }) } }
  }

  it.each([
    [1, 1, /see f0\. The/],
    [10, 1, /see f0, f1, .*, f9\. The/],
    [11, 1, /see f0, f1, .*, f9 and 1 more\. The/],
    [10, 10, /see f0, f1, .*, f9\. The/],
    [99, 1, /f9 and 89 more\. The/],
    [100, 1, /f9 and 90 more\. The/],
    [101, 1, /f9 and more\. The/],
    [1, 101, /see f0 and more\. The/],
  ])('%i fields, with %i issues each', async (count, times, expected) => {
    expect(await refusalOf(missing(count, times), {})).toMatch(expected)
  })

  it('none, if the schema says nothing of any', async () => {
    const validate = (): { issues: [] } => ({ issues: [] })
    const message = await refusalOf({ '~standard': { version: 1, vendor: 'x', validate } }, {})
    expect(message).toMatch(
      /^The current version of prod\/db is not what the schema expects\. The validator's own words are left out/,
    )
    expect(message).toMatch(/they may quote the secret\.$/)
  })

  it.each([{}, { path: [] }])('the whole, if an issue is about no field: %j', async path => {
    const validate = (): { issues: { message: string }[] } => ({ issues: [{ message: 'no', ...path }] })
    for (const vendor of ['x', 'awscurrent'])
      expect(await refusalOf({ '~standard': { version: 1, vendor, validate } }, {})).toContain('see the secret as a whole.')
  })
})

describe('what a field may be called to be named', () => {
  it.each(['password', 'api-key', '$ref', 'API_KEY_2', 'x'.repeat(64)])('%s', async key => {
    expect(await refusalOf(z.object({ [key]: z.string() }), {})).toContain(`see ${key}.`)
  })

  it.each(['a b', 'a.b', 'clé', '', ' a', 'a ', 'x'.repeat(65)])('and not "%s"', async key => {
    expect(await refusalOf(z.object({ [key]: z.string() }), {})).toContain('see ?.')
  })

  it('and not a symbol', async () => {
    const issues = [{ message: 'no', path: [Symbol('password')] }]
    expect(await refusalOf({ '~standard': { version: 1, vendor: 'x', validate: () => ({ issues }) } }, {})).toContain('see ?.')
  })

  it('also by a path of objects, and in an array that is empty otherwise', async () => {
    const validate = (value: unknown): { issues: { message: string; path: { key: PropertyKey }[] }[] } => {
      const [first] = (value as { list?: object[] }).list ?? []
      const path = first === undefined ? ['list'] : ['list', 0, 'name']
      return { issues: [{ message: 'no', path: path.map(key => ({ key })) }] }
    }
    const schema: StandardSchema = { '~standard': { version: 1, vendor: 'x', validate } }
    expect(await refusalOf(schema, {})).toContain('see list.')
    expect(await refusalOf(schema, { list: [{}] })).toContain('see list.*.name.')
  })

  it('a schema is asked once for each place, however many issues there are in it', async () => {
    const asked: unknown[] = []
    const fields = ['a', 'b', 'c']
    const validate = (value: unknown): { issues: { message: string; path: string[] }[] } => {
      asked.push(value)
      return { issues: fields.map(field => ({ message: 'no', path: [field] })) }
    }
    expect(await refusalOf({ '~standard': { version: 1, vendor: 'x', validate } }, { secret: 1 })).toContain('see a, b, c.')
    expect(asked).toEqual([{ secret: 1 }, {}])
  })

  it('one that the JSON Schema of the schema lists, at its own place', async () => {
    const input = ({ target }: { target: string }): object => {
      expect(target).toBe('draft-2020-12')
      return { properties: { server: { properties: { port: {} } }, list: { items: { properties: { name: {} } } } } }
    }
    const paths = [
      ['server', 'port'],
      ['list', 0, 'name'],
      ['server', 'other'],
      ['nowhere', 'port'],
    ]
    const issues = paths.map(path => ({ message: 'no', path }))
    const validate = (value: unknown): { issues: typeof issues } => ({ issues: 'secret' in (value as object) ? issues : [] })
    const standard = { version: 1, vendor: 'x', validate, jsonSchema: { input } } as const
    expect(await refusalOf({ '~standard': standard }, { secret: 1 })).toContain('see server.port, list.*.name, server.?, ?.?.')
  })
})
