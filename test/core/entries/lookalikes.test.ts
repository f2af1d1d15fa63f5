import { beforeEach, describe, expect, it } from 'vitest'
import { SecretCache, type SecretCacheOptions } from '../../../src/index.js'
import { ManualClock } from '../../../src/testing/index.js'
import { labelMoved } from '../../support/rotation-events.js'
import { SecretTable } from '../../support/secret-table.js'

const prefix = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret'
/** The full ARN of the secret `db`, and just as well a partial ARN of the secret `db-AbCdEf`. */
const short = `${prefix}:db-AbCdEf`
const long = `${prefix}:db-AbCdEf-XyZ123`
const longName = 'db-AbCdEf'

let clock: ManualClock
let table: SecretTable

function cacheOf(options: SecretCacheOptions = {}): SecretCache {
  return new SecretCache({ source: table, clock, ttlJitter: 0, ...options })
}

function eventAbout(arn: string, versionId: string): object {
  return labelMoved({ arn, name: arn === short ? 'db' : longName, versionId, id: `event-${versionId}` })
}

beforeEach(() => {
  clock = new ManualClock()
  table = new SecretTable([
    { arn: short, versionId: 'v-short', text: 'of db' },
    { arn: long, versionId: 'v-long', text: 'of db-AbCdEf' },
  ])
})

const firstReads: [string, string[]][] = [
  ['by its name', [longName]],
  ['by its ARN', [long]],
  ['by name and ARN', [longName, long]],
  ['by ARN and name', [long, longName]],
]

describe("a secret whose name looks like the end of another one's ARN", () => {
  it.each(firstReads)('cached %s, is not what the ARN of the other leads to', async (_, ids) => {
    const cache = cacheOf()
    for (const id of ids) expect(await cache.getSecretString(id)).toBe('of db-AbCdEf')
    expect(cache.peek(short)).toBeUndefined()
    expect(await cache.getSecretString(short)).toBe('of db')
    expect(await cache.getSecretString(short)).toBe('of db')
    expect(await cache.getSecretString(longName)).toBe('of db-AbCdEf')
    expect(await cache.getSecretString('db')).toBe('of db')
    expect(cache.stats().entries).toBe(2)
  })

  it.each([['db'], [short]])('is found although the other was cached first (%s)', async id => {
    const cache = cacheOf()
    expect(await cache.getSecretString(id)).toBe('of db')
    expect(await cache.getSecretString(longName)).toBe('of db-AbCdEf')
    expect(await cache.getSecretString(long)).toBe('of db-AbCdEf')
    expect(await cache.getSecretString(short)).toBe('of db')
  })

  it('is told apart by a warm-up of both', async () => {
    const cache = cacheOf()
    await cache.warmup([longName, short])
    expect(cache.peek(longName)?.text()).toBe('of db-AbCdEf')
    expect(cache.peek(short)?.text()).toBe('of db')
  })

  it('is told apart where both are read at the same time', async () => {
    const cache = cacheOf()
    const ids = [longName, short, long, 'db']
    const expected = ['of db-AbCdEf', 'of db', 'of db-AbCdEf', 'of db']
    expect(await Promise.all(ids.map(id => cache.getSecretString(id)))).toEqual(expected)
    expect(await Promise.all(ids.map(id => cache.getSecretString(id)))).toEqual(expected)
  })

  it('is left alone when the other is invalidated or deleted by its ARN', async () => {
    const cache = cacheOf()
    await cache.getSecretString(longName)
    await cache.getSecretString(short)
    cache.invalidate(short)
    expect(cache.peek(longName)?.stale).toBe(false)
    cache.delete(short)
    expect(cache.peek(longName)?.stale).toBe(false)
    expect(cache.peek(short)).toBeUndefined()
  })

  it('does not keep an event from the other', async () => {
    const cache = cacheOf()
    await cache.getSecretString(longName)
    await cache.getSecretString('db')
    table.set({ arn: short, versionId: 'v-short-2', text: 'of db, new' })
    expect(await cache.handleRotationEvent(eventAbout(short, 'v-short-2'))).toMatchObject([{ outcome: 'refreshed' }])
    expect(await cache.getSecretString('db')).toBe('of db, new')
    expect(await cache.getSecretString(longName)).toBe('of db-AbCdEf')
  })

  it('is not what a handle of the other hears of', async () => {
    const cache = cacheOf()
    const heard: string[] = []
    await cache.getSecretString(longName)
    cache.handle(short).on('rotated', ({ versionId }) => heard.push(versionId))
    table.set({ arn: long, versionId: 'v-long-2' })
    await cache.refreshNow(longName)
    expect(heard).toEqual([])
    await cache.getSecretString(short)
    table.set({ arn: short, versionId: 'v-short-2' })
    await cache.refreshNow(short)
    expect(heard).toEqual(['v-short-2'])
  })
})

it('a partial ARN that also looks like a full one finds the only secret that it can mean', async () => {
  table.remove(short)
  const cache = cacheOf()
  expect(await cache.getSecretString(short)).toBe('of db-AbCdEf')
  expect(await cache.getSecretString(longName)).toBe('of db-AbCdEf')
  table.set({ arn: long, versionId: 'v-long-2', text: 'new' })
  cache.invalidate(short)
  expect(await cache.getSecretString(short)).toBe('new')
})

describe('a full ARN of a secret that is gone, which the service then takes for a partial one of another', () => {
  const partial = `${prefix}:db`

  it('leads to the other from then on, and to that one alone', async () => {
    const cache = cacheOf()
    await cache.getSecretString(partial)
    await cache.getSecretString(short)
    table.remove(short)
    await cache.refreshNow(short)
    expect(cache.peek(short)?.text()).toBe('of db-AbCdEf')
    expect(cache.peek(partial)?.text()).toBe('of db')
    expect(cache.stats().entries).toBe(2)
    expect(await cache.getSecretString(longName)).toBe('of db-AbCdEf')
    await expect(cache.refreshNow(partial)).rejects.toMatchObject({ code: 'ERR_SECRET_NOT_FOUND' })
    expect(cache.peek(short)?.text()).toBe('of db-AbCdEf')
  })

  it('joins the other if that is cached', async () => {
    const cache = cacheOf()
    for (const id of [longName, partial, short]) await cache.getSecretString(id)
    table.remove(short)
    await cache.refreshNow(short)
    expect(cache.peek(short)?.text()).toBe('of db-AbCdEf')
    expect(cache.peek(partial)?.text()).toBe('of db')
    expect(cache.stats().entries).toBe(2)
    table.set({ arn: long, versionId: 'v-long-2', text: 'new' })
    await cache.refreshNow(longName)
    expect(cache.peek(short)?.text()).toBe('new')
  })

  it('takes what was cached by no other id along', async () => {
    const cache = cacheOf()
    const heard: string[] = []
    cache.handle(short).on('rotated', ({ versionId }) => heard.push(versionId))
    await cache.getSecretString(short)
    table.remove(short)
    await cache.refreshNow(short)
    expect(heard).toEqual(['v-long'])
    expect(cache.stats().entries).toBe(1)
  })
})
