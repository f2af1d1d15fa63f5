// Many reads at the same moment: of a cold secret, and as the TTL ends.
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { SecretsProvider } from '@aws-lambda-powertools/parameters/secrets'
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager'
import { TTLCache } from '@isaacs/ttlcache'
import { SecretCache } from 'awscurrent'
import { LRUCache } from 'lru-cache'
import { HandWrittenCache } from './support/hand-written.mjs'
import { percentile, round, showFigure, showTable } from './support/report.mjs'
import { secretId, startService } from './support/service.mjs'

const ttlMs = 1_000
const { fake, server, makeClient } = await startService()
const client = makeClient()
const load = async id => (await client.send(new GetSecretValueCommand({ SecretId: id }))).SecretString

const contenders = {
  awscurrent: () => {
    const cache = new SecretCache({ client: makeClient(), ttlMs, ttlJitter: 0 })
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
  'hand-written Map': () => {
    const cache = new HandWrittenCache(load, ttlMs)
    return id => cache.get(id)
  },
  'powertools parameters': () => {
    const provider = new SecretsProvider({ awsSdkV3Client: makeClient() })
    return id => provider.get(id, { maxAge: ttlMs / 1_000 })
  },
}

async function timed(read) {
  const startedAt = performance.now()
  await read(secretId)
  return performance.now() - startedAt
}

const rows = []
const results = {}
for (const [what, make] of Object.entries(contenders)) {
  fake.recover()
  const read = make()
  fake.resetCalls()
  await Promise.all(Array.from({ length: 1_000 }, () => read(secretId)))
  const coldCalls = fake.count()

  const warm = make()
  await warm(secretId)
  fake.inject({ delayMs: 50 })
  await sleep(ttlMs + 20)
  fake.resetCalls()
  const times = await Promise.all(Array.from({ length: 100 }, () => timed(warm)))
  await sleep(200)
  results[what] = { coldCalls, calls: fake.count(), p99: percentile(times, 0.99) }
  rows.push({
    what,
    'calls of 1,000 cold': coldCalls,
    'calls of 100': fake.count(),
    'p50 ms': round(percentile(times, 0.5)),
    'p99 ms': round(percentile(times, 0.99)),
  })
}
showTable('1,000 cold reads at once; 100 reads as the TTL ends, service 50 ms away (over HTTP, real SDK)', rows)
showFigure('calls of 1,000 cold reads', results.awscurrent.coldCalls, 1)
showFigure('calls of 100 reads as the TTL ends', results.awscurrent.calls, 1)
showFigure("p99 over the hand-written cache's", results.awscurrent.p99 / results['hand-written Map'].p99, 0.05, '×')
await server.close()
process.exit()
