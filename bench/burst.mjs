// Many reads at the same moment: of a cold secret, and as the TTL ends. Over HTTP, with the real SDK.
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { SecretsProvider } from '@aws-lambda-powertools/parameters/secrets'
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager'
import { TTLCache } from '@isaacs/ttlcache'
import { SecretCache } from 'awscurrent'
import { LRUCache } from 'lru-cache'
import { HandWrittenCache } from './support/hand-written.mjs'
import { interleave, median, percentile, round, showFigure, showTable } from './support/report.mjs'
import { secretId, startService } from './support/service.mjs'

const ttlMs = 1_000
const service = await startService()
const client = service.makeClient()
const load = async id => (await client.send(new GetSecretValueCommand({ SecretId: id }))).SecretString

const handWritten = 'hand-written Map'
const contenders = {
  awscurrent: () => {
    const cache = new SecretCache({ client, ttlMs, ttlJitter: 0 })
    return id => cache.getSecretString(id)
  },
  'awscurrent, no read past its TTL': () => {
    const cache = new SecretCache({ client, ttlMs, ttlJitter: 0, staleWhileRevalidateMs: 0 })
    return id => cache.getSecretString(id)
  },
  'lru-cache .fetch, allowStale': () => {
    const cache = new LRUCache({ max: 10, ttl: ttlMs, allowStale: true, fetchMethod: load })
    return id => cache.fetch(id)
  },
  '@isaacs/ttlcache, get or load': () => {
    const cache = new TTLCache({ max: 10, ttl: ttlMs })
    return async id => {
      const cached = cache.get(id)
      if (cached !== undefined) return cached
      const value = await load(id)
      cache.set(id, value)
      return value
    }
  },
  [handWritten]: () => {
    const cache = new HandWrittenCache(load, ttlMs)
    return id => cache.get(id)
  },
  'powertools parameters': () => {
    const provider = new SecretsProvider({ awsSdkV3Client: client })
    return id => provider.get(id, { maxAge: ttlMs / 1_000 })
  },
}

async function timed(read) {
  const startedAt = performance.now()
  await read(secretId)
  return performance.now() - startedAt
}

async function oneTurn(make) {
  await service.recover()
  await service.resetCalls()
  const cold = make()
  await Promise.all(Array.from({ length: 1_000 }, () => cold(secretId)))
  const coldCalls = await service.count()

  const warm = make()
  await warm(secretId)
  await service.inject({ delayMs: 50 })
  await sleep(ttlMs + 20)
  await service.resetCalls()
  const times = await Promise.all(Array.from({ length: 100 }, () => timed(warm)))
  // The load behind the reads must have arrived to be counted.
  await sleep(200)
  return { coldCalls, calls: await service.count(), p50: percentile(times, 0.5), p99: percentile(times, 0.99) }
}

const runs = Object.fromEntries(Object.entries(contenders).map(([what, make]) => [what, () => oneTurn(make)]))
await oneTurn(contenders[handWritten])
const turns = await interleave(5, runs)
const most = (what, member) => Math.max(...turns[what].map(turn => turn[member]))
const middle = (what, member) => median(turns[what].map(turn => turn[member]))
const rows = Object.keys(turns).map(what => ({
  what,
  'calls of 1,000 cold': most(what, 'coldCalls'),
  'calls of 100': most(what, 'calls'),
  'p50 ms': round(middle(what, 'p50')),
  'p99 ms': round(middle(what, 'p99')),
}))
showTable('1,000 cold reads at once; 100 reads as the TTL ends, the service 50 ms away', rows, {
  of: 'p99 ms',
  log: true,
  note: 'The slowest of 100 reads at the moment at which the TTL ends.',
})
showFigure('calls of 1,000 cold reads', most('awscurrent', 'coldCalls'), 1)
showFigure('calls of 100 reads as the TTL ends', most('awscurrent', 'calls'), 1)
showFigure("p99 over the hand-written cache's", middle('awscurrent', 'p99') / middle(handWritten, 'p99'), 0.05, '×')
service.stop()
process.exit()
