import { beforeEach, describe, expect, it } from 'vitest'
import { SecretCache, type StandardSchema } from '../../../src/index.js'
import { FakeSecretsManager, ManualClock } from '../../../src/testing/index.js'

const id = 'prod/db'

let fake: FakeSecretsManager
let cache: SecretCache

interface Counting {
  schema: StandardSchema<unknown>
  runs: number
}

/** Fifty schemas, of which some refuse what they are given and some take their time. */
function schemas(): Counting[] {
  return Array.from({ length: 50 }, (_, number) => {
    const counting: Counting = {
      runs: 0,
      schema: {
        '~standard': {
          version: 1,
          vendor: 'test',
          validate(value) {
            counting.runs += 1
            const result = number % 10 === 9 ? { issues: [{ message: 'no' }] } : { value: { value, number } }
            return number % 10 === 8 ? Promise.resolve(result) : result
          },
        },
      },
    }
    return counting
  })
}

function runsOf(all: readonly Counting[]): number[] {
  return [...new Set(all.map(({ runs }) => runs))]
}

beforeEach(() => {
  const clock = new ManualClock()
  fake = new FakeSecretsManager({ clock, secrets: { [id]: { password: 'one' } } })
  cache = new SecretCache({ source: fake.source(), clock, ttlJitter: 0 })
})

describe('fifty schemas on one secret', () => {
  it('run once each for a version, however often and in whatever order it is read', async () => {
    const all = schemas()
    for (let round = 0; round < 3; round += 1) {
      for (const { schema } of all) await cache.getSecretJson(id, schema).catch(() => {})
      for (const { schema } of all.toReversed()) await cache.getSecretJson(id, schema).catch(() => {})
    }
    expect(runsOf(all)).toEqual([1])
    fake.rotate(id, { password: 'two' })
    await cache.refreshNow(id)
    for (let round = 0; round < 2; round += 1) {
      for (const { schema } of all) await cache.getSecretJson(id, schema).catch(() => {})
    }
    expect(runsOf(all)).toEqual([2])
  })

  it('run once each where they are read at the same time', async () => {
    const all = schemas()
    const reads = [...all, ...all].map(({ schema }) => cache.getSecretJson(id, schema).catch(() => {}))
    await Promise.all(reads)
    expect(runsOf(all)).toEqual([1])
  })

  it('run once each for handles and for the secret itself', async () => {
    const all = schemas()
    const secret = await cache.getSecret(id)
    for (let round = 0; round < 3; round += 1) {
      for (const { schema } of all) {
        await cache.getSecretJson(id, schema).catch(() => {})
        await cache
          .handle(id, { schema })
          .get()
          .catch(() => {})
        try {
          secret.json(schema)
        } catch {
          // Some refuse.
        }
      }
    }
    expect(runsOf(all)).toEqual([1])
  })

  it('give every reader of a schema the same object', async () => {
    const all = schemas().filter((_, number) => number % 10 < 9)
    const first = await Promise.all(all.map(({ schema }) => cache.getSecretJson(id, schema)))
    const second = await Promise.all(all.map(({ schema }) => cache.getSecretJson(id, schema)))
    for (const [index, value] of first.entries()) expect(second[index]).toBe(value)
  })

  it('are not run again by a load that brings the same version', async () => {
    const all = schemas()
    for (const { schema } of all) await cache.getSecretJson(id, schema).catch(() => {})
    await cache.refreshNow(id)
    for (const { schema } of all) await cache.getSecretJson(id, schema).catch(() => {})
    expect(runsOf(all)).toEqual([1])
  })
})
