import { beforeEach, describe, expect, it } from 'vitest'
import { SecretCache, type StandardSchema } from '../../../src/index.js'
import { FakeSecretsManager, ManualClock } from '../../../src/testing/index.js'

const id = 'prod/db'

let cache: SecretCache

/** A schema whose output is what `make` makes, as transforms of zod and valibot do. */
function schemaOf<T>(make: () => T): StandardSchema<T> {
  return { '~standard': { version: 1, vendor: 'test', validate: () => ({ value: make() }) } }
}

/** What a careless reader does; a frozen value may refuse it. */
function attempt(change: () => unknown): void {
  try {
    change()
  } catch {
    // Refused.
  }
}

beforeEach(() => {
  const clock = new ManualClock()
  const fake = new FakeSecretsManager({ clock, secrets: { [id]: { expires: '2030-01-01T00:00:00Z', hosts: { a: 1 } } } })
  cache = new SecretCache({ source: fake.source(), clock, ttlJitter: 0 })
})

interface Values {
  at: Date
  hosts: Map<string, { port: number }>
  names: Set<string>
  nested: { list: { at: Date }[] }
}

const schema = schemaOf<Values>(() => ({
  at: new Date('2030-01-01T00:00:00Z'),
  hosts: new Map([['a', { port: 1 }]]),
  names: new Set(['a']),
  nested: { list: [{ at: new Date('2030-01-01T00:00:00Z') }] },
}))

/** Ways to read, each of which shares what the cache holds. */
const reads: [string, () => Promise<Values>][] = [
  ['getSecretJson', async () => (await cache.getSecretJson(id, schema)) as Values],
  ['a handle', async () => (await cache.handle(id, { schema }).get()) as Values],
  [
    "a handle's current value",
    async () => {
      await cache.getSecretString(id)
      return cache.handle(id, { schema }).current as Values
    },
  ],
  ['the Secret', async () => (await cache.getSecret(id)).json(schema) as Values],
]

describe.each(reads)('what a schema makes of a secret, read by %s', (_, read) => {
  it.each<[string, (values: Values) => unknown]>([
    ['a Date', ({ at }) => at.setFullYear(1999)],
    ['a Date further inside', ({ nested }) => nested.list[0]?.at.setFullYear(1999)],
    ['a Map', ({ hosts }) => hosts.set('b', { port: 2 })],
    ['a Map that is emptied', ({ hosts }) => hosts.clear()],
    ['an object in a Map', ({ hosts }) => Object.assign(hosts.get('a') ?? {}, { port: 2 })],
    ['a Set', ({ names }) => names.add('b')],
  ])('is not changed for others by who changes %s', async (__, change) => {
    const mine = await read()
    attempt(() => change(mine))
    for (const [, readAgain] of reads) {
      const { at, hosts, names, nested } = await readAgain()
      expect([at, nested.list[0]?.at].map(date => date?.getTime())).toEqual([1_893_456_000_000, 1_893_456_000_000])
      expect([...hosts]).toEqual([['a', { port: 1 }]])
      expect([...names]).toEqual(['a'])
    }
  })
})

it.each<[string, unknown, (value: never) => unknown]>([
  ['a Date', new Date(0), (value: Date) => value.setTime(5)],
  ['a Map', new Map([['a', 1]]), (value: Map<string, number>) => value.set('b', 2)],
  ['a Set', new Set(['a']), (value: Set<string>) => value.add('b')],
  ['a Set of objects', new Set([{ port: 1 }]), (value: Set<object>) => Object.assign([...value][0] ?? {}, { port: 2 })],
])('a schema whose whole output is %s gives each reader its own, or a frozen one', async (_, made, change) => {
  const before = structuredClone(made)
  const whole = schemaOf(() => structuredClone(made))
  const mine = await cache.getSecretJson(id, whole)
  attempt(() => change(mine as never))
  expect(await cache.getSecretJson(id, whole)).toEqual(before)
})

it('who changes a frozen Date, Map or Set is told to change a copy; their other methods work', async () => {
  const { at, hosts, names } = (await cache.getSecretJson(id, schema)) as Values
  for (const change of [() => at.setFullYear(1999), () => hosts.delete('a'), () => names.clear()])
    expect(change).toThrow(new TypeError('It is frozen, because all readers of the secret share it: change a copy.'))
  expect(at.getTimezoneOffset()).toBe(new Date(at).getTimezoneOffset())
  expect([hosts.has('a'), names.size]).toEqual([true, 1])
})
