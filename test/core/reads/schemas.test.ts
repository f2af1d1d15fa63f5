import { inspect } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { SecretCache, type StandardSchema } from '../../../src/index.js'
import { FakeSecretsManager, ManualClock } from '../../../src/testing/index.js'

const id = 'prod/db'

let cache: SecretCache
let fake: FakeSecretsManager

beforeEach(() => {
  const clock = new ManualClock()
  fake = new FakeSecretsManager({ clock, secrets: { [id]: { username: 'app' } } })
  cache = new SecretCache({ source: fake.source(), clock })
})

function schemaOf<Output>(validate: (value: unknown) => Output): StandardSchema<Output> {
  return { '~standard': { version: 1, vendor: 'test', validate: value => ({ value: validate(value) }) } }
}

describe('many schemas on one secret', () => {
  it('are asked once each for a version, however many there are and in whatever order they are used', async () => {
    const asked = vi.fn(value => value)
    const schemas = Array.from({ length: 50 }, () => schemaOf(asked))
    for (const schema of [...schemas, ...schemas.toReversed()]) await cache.getSecretJson(id, schema)
    expect(asked).toHaveBeenCalledTimes(50)
    for (const schema of schemas) expect(cache.getSecretJson(id, schema)).toBe(cache.getSecretJson(id, schema))
  })

  it('parse the text once each, also the reads without a schema', async () => {
    const parse = vi.spyOn(JSON, 'parse')
    const schemas = Array.from({ length: 9 }, () => schemaOf(value => value))
    for (let round = 0; round < 3; round += 1)
      for (const schema of [undefined, ...schemas]) await cache.getSecretJson(id, schema as StandardSchema)
    expect(parse).toHaveBeenCalledTimes(10)
    parse.mockRestore()
  })

  it('that answer later are asked once each too', async () => {
    const asked = vi.fn()
    const later = (): StandardSchema => ({
      '~standard': {
        version: 1,
        vendor: 'test',
        async validate(value) {
          asked()
          return { value }
        },
      },
    })
    const schemas = Array.from({ length: 9 }, later)
    for (let round = 0; round < 3; round += 1) await Promise.all(schemas.map(schema => cache.getSecretJson(id, schema)))
    expect(asked).toHaveBeenCalledTimes(9)
  })

  it('do not vouch for what is no schema', async () => {
    await cache.getSecretJson(
      id,
      schemaOf(value => value),
    )
    await cache.getSecretJson(id)
    for (const none of [null, 'json', 5]) {
      await expect(cache.getSecretJson(id, none as never)).rejects.toMatchObject({ code: 'ERR_SECRET_SCHEMA' })
    }
  })

  it('are forgotten with whoever made them: one made anew for each read fills no memory', async () => {
    const refs: WeakRef<StandardSchema>[] = []
    for (let read = 0; read < 20; read += 1) {
      const schema = schemaOf(value => value)
      refs.push(new WeakRef(schema))
      await cache.getSecretJson(id, schema)
    }
    await vi.waitUntil(() => {
      collectGarbage()
      // The first one is kept with the version.
      return refs.filter(ref => ref.deref() !== undefined).length <= 2
    })
  })
})

describe('what a schema puts out', () => {
  it('is copied, so that what it shares with its user stays theirs', async () => {
    const defaults = { tags: ['a'], limits: { max: 5 } }
    const schema = z.object({ username: z.string(), options: z.any().default(defaults) })
    const read = await cache.getSecretJson(id, schema)
    expect(read).toEqual({ username: 'app', options: defaults })
    defaults.limits.max = 6
    defaults.tags.push('b')
    expect(read.options).toEqual({ tags: ['a'], limits: { max: 5 } })
    expect(Object.isFrozen(read.options.tags)).toBe(true)
  })

  it('keeps its form: cycles, symbols, accessors, sparse lists and objects without a prototype', async () => {
    const mark = Symbol('mark')
    const shared = { port: 5432 }
    const output = {
      [mark]: { deep: true },
      shared: [shared, shared],
      bare: Object.assign(Object.create(null), { a: 1 }),
      sparse: Object.assign(new Array(3), { 2: 'c' }),
      get lazy() {
        return 'made when it is read'
      },
    }
    Object.defineProperty(output, '__proto__', { value: { evil: true }, enumerable: true })
    Object.assign(output, { self: output })
    const read = (await cache.getSecretJson(
      id,
      schemaOf(() => output),
    )) as typeof output & { self: unknown }
    expect(read.self).toBe(read)
    expect(read.shared[0]).toBe(read.shared[1])
    expect(read[mark]).toEqual({ deep: true })
    expect(Object.getPrototypeOf(read.bare)).toBe(null)
    expect(Object.keys(read.sparse)).toEqual(['2'])
    expect(read.sparse).toHaveLength(3)
    expect(read.lazy).toBe('made when it is read')
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype)
    expect(Object.isFrozen(read) && Object.isFrozen(read[mark]) && Object.isFrozen(read.sparse)).toBe(true)
    expect(Object.isFrozen(output)).toBe(false)
  })

  it('is frozen where it is a Map, a Set or a Date, as a copy', async () => {
    const date = new Date(0)
    const tags = new Set(['a'])
    const limits = new Map([['max', { value: 5 }]])
    const read = await cache.getSecretJson(
      id,
      schemaOf(() => ({ date, tags, limits })),
    )
    expect(read).toEqual({ date, tags, limits })
    expect(read.date).not.toBe(date)
    for (const change of [
      () => read.date.setFullYear(2000),
      () => read.date.setTime(5),
      () => (read.tags as Set<string>).add('b'),
      () => (read.tags as Set<string>).clear(),
      () => (read.limits as Map<string, unknown>).set('min', 5),
      () => (read.limits as Map<string, unknown>).delete('max'),
      () => Object.assign(read.limits.get('max') as object, { value: 6 }),
    ])
      expect(change).toThrow(TypeError)
    limits.clear()
    date.setTime(7)
    expect(read.limits.get('max')).toEqual({ value: 5 })
    expect(read.date.getTime()).toBe(0)
    expect(new Date(read.date)).toEqual(new Date(0))
    expect(structuredClone(read)).toEqual({ date: new Date(0), tags, limits: new Map([['max', { value: 5 }]]) })
    expect(inspect(read)).toBe(inspect({ date: new Date(0), tags: new Set(['a']), limits: new Map([['max', { value: 5 }]]) }))
  })

  it('is left alone where it is an instance of a class', async () => {
    class Password {
      #uses = 0
      use(): number {
        this.#uses += 1
        return this.#uses
      }
    }
    class Moment extends Date {}
    class Tags extends Array<string> {}
    const output = { password: new Password(), url: new URL('https://example.com'), moment: new Moment(), tags: Tags.of('a') }
    const read = await cache.getSecretJson(
      id,
      schemaOf(() => output),
    )
    for (const name of ['password', 'url', 'moment', 'tags'] as const) expect(read[name]).toBe(output[name])
    expect(output.password.use()).toBe(1)
    output.tags.push('b')
  })
})

function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  collect()
}
