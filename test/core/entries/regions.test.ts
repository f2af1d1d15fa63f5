import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { putSecretValue } from '../../../src/admin/index.js'
import { SecretCache, type SecretCacheOptions } from '../../../src/index.js'
import { ManualClock } from '../../../src/testing/index.js'
import { DeferredClient } from '../../support/deferred-client.js'
import { SecretTable } from '../../support/secret-table.js'

const name = 'prod/db'
const primary = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdEf'
const replica = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:prod/db-AbCdEf'

let clock: ManualClock
let table: SecretTable
let heard: string[]

function cacheOf(options: SecretCacheOptions = {}): SecretCache {
  const cache = new SecretCache({ source: table, clock, ttlJitter: 0, ...options })
  cache.on('rotated', ({ previousVersionId, versionId }) => heard.push(`${previousVersionId}→${versionId}`))
  return cache
}

/** Moves the secret to a version, in both Regions. */
function rotate(versionId: string): void {
  for (const arn of [primary, replica]) table.set({ arn, versionId })
}

beforeEach(() => {
  clock = new ManualClock()
  table = new SecretTable([])
  heard = []
  rotate('v1')
})

describe('one secret read through two Regions', () => {
  it.each([
    [primary, replica],
    [replica, primary],
    [name, replica],
    [replica, name],
  ])('is one: a change of version is told of once (%s, %s)', async (one, two) => {
    const cache = cacheOf()
    for (const arn of [one, two]) expect(await cache.getSecretString(arn)).toBe('v1')
    expect(heard).toEqual([])
    rotate('v2')
    for (const arn of [one, two]) await cache.refreshNow(arn)
    for (const arn of [one, two]) expect(await cache.getSecretString(arn)).toBe('v2')
    expect(heard).toEqual(['v1→v2'])
  })

  it('is heard of by a handle of the one ARN when the other shows the change', async () => {
    const cache = cacheOf()
    const told: string[] = []
    await cache.getSecretString(primary)
    await cache.getSecretString(replica)
    cache.handle(primary).on('rotated', ({ versionId }) => told.push(versionId))
    rotate('v2')
    await cache.refreshNow(replica)
    await cache.refreshNow(primary)
    expect(told).toEqual(['v2'])
  })

  it('is invalidated and forgotten by either ARN', async () => {
    const cache = cacheOf()
    await cache.getSecretString(primary)
    await cache.getSecretString(replica)
    rotate('v2')
    cache.invalidate(replica)
    expect(await cache.getSecretString(primary)).toBe('v2')
    cache.delete(replica)
    expect(cache.peek(primary)).toBeUndefined()
  })

  it('whose answers come from one Region and then from the other does not change its version by that', async () => {
    let region = 0
    const source: SecretCacheOptions['source'] = {
      get: async request => {
        region += 1
        return { ...(await table.get(request)), arn: region % 2 === 0 ? replica : primary }
      },
    }
    const switching = cacheOf({ source })
    for (let load = 0; load < 4; load += 1) await switching.refreshNow(name)
    expect(heard).toEqual([])
    expect(switching.stats()).toMatchObject({ rotations: 0, entries: 1 })
  })
})

describe('a write from here', () => {
  let client: DeferredClient
  let cache: SecretCache

  // Its import takes time that no test spells out.
  beforeAll(async () => {
    await import('@aws-sdk/client-secrets-manager')
  })

  beforeEach(async () => {
    client = new DeferredClient()
    cache = new SecretCache({ client, clock, ttlJitter: 0 })
    cache.on('rotated', ({ previousVersionId, versionId }) => heard.push(`${previousVersionId}→${versionId}`))
    const read = cache.getSecretString(name)
    await client.answerLast('v1')
    await read
  })

  async function write(versionId: string, output?: object): Promise<void> {
    const written = putSecretValue(cache, name, versionId)
    await (await client.call(client.sent.length)).answer(versionId, output)
    await written
  }

  it('that another Region answers is one change, also when it is read again in the first', async () => {
    await write('v2', { ARN: `${replica}` })
    const refreshed = cache.refreshNow(name)
    await client.answerLast('v2')
    await refreshed
    expect(heard).toEqual(['v1→v2'])
  })

  it("does not make an old answer of another writer's newer version: it is found by the first read", async () => {
    await write('v2')
    const calls = client.sent.length
    const refreshed = cache.refreshNow(name)
    await client.answerLast('v3')
    // Whether v3 is older or newer than what was written, the labels of the latter tell.
    await (await client.call(calls + 2)).answer('v2', { VersionStages: ['AWSPREVIOUS'] })
    expect((await refreshed).versionId).toBe('v3')
    expect(client.sent.length).toBe(calls + 2)
    expect(heard).toEqual(['v1→v2', 'v2→v3'])
  })

  it('still knows an answer that shows what it has replaced for an old one', async () => {
    await write('v2')
    const refreshed = cache.refreshNow(name)
    await client.answerLast('v1')
    await clock.advance(300)
    await client.answerLast('v2')
    expect((await refreshed).versionId).toBe('v2')
    expect(heard).toEqual(['v1→v2'])
  })

  it('of AWSCURRENT has a cache of AWSPREVIOUS read again', async () => {
    const previous = new SecretCache({ client, clock, ttlJitter: 0, versionStage: 'AWSPREVIOUS' })
    const read = previous.getSecretString(name)
    await client.answerLast('v0')
    expect(await read).toBe('v0')
    const written = putSecretValue(previous, name, 'v2')
    await (await client.call(client.sent.length)).answer('v2')
    await written
    const after = previous.getSecretString(name)
    await client.answerLast('v1')
    expect(await after).toBe('v1')
  })
})
