// What a hit costs: one awaited read of a fresh secret.
import { AsyncLocalStorage } from 'node:async_hooks'
import { SecretsProvider } from '@aws-lambda-powertools/parameters/secrets'
import { TTLCache } from '@isaacs/ttlcache'
import middySecrets from '@middy/secrets-manager'
import { SecretCache } from 'awscurrent'
import { LRUCache } from 'lru-cache'
import { bench, do_not_optimize, run } from 'mitata'
import { HandWrittenCache } from './support/hand-written.mjs'
import { round, showFigure, showTable } from './support/report.mjs'
import { countingSource, secretId, startService } from './support/service.mjs'

const hour = 3_600_000
const { server, credentials, makeClient, fake } = await startService()
const source = countingSource()
const load = async id => (await source.get({ secretId: id })).string

const cache = new SecretCache({ source, ttlMs: hour })
const powertools = new SecretsProvider({ awsSdkV3Client: makeClient() })
const lru = new LRUCache({ max: 1_024, ttl: hour, fetchMethod: load })
const ttlCache = new TTLCache({ max: 1_024, ttl: hour })
const handWritten = new HandWrittenCache(load, hour)
const middy = middySecrets({
  fetchData: { key: secretId },
  cacheExpiry: -1,
  awsClientOptions: { endpoint: server.endpoint, region: fake.region, credentials },
})

async function ttlCacheGet(id) {
  const cached = ttlCache.get(id)
  if (cached !== undefined) return cached
  const value = await load(id)
  ttlCache.set(id, value)
  return value
}

const kept = Promise.resolve(await load(secretId))
const expiresAt = Date.now() + 24 * hour
function floor() {
  return Date.now() < expiresAt ? kept : Promise.resolve('')
}
const map = new Map([[secretId, {}]])
const otherId = 'prod/other'

await Promise.all([
  cache.getSecretString(secretId),
  cache.getSecretJson(secretId),
  lru.fetch(secretId),
  ttlCacheGet(secretId),
  handWritten.get(secretId),
])
await powertools.get(secretId, { maxAge: 3_600 })

/** Bytes of heap that each hit takes once the code is warm. */
function heapOf(read) {
  for (let hit = 0; hit < 1_000_000; hit += 1) read()
  globalThis.gc()
  const before = process.memoryUsage().heapUsed
  for (let hit = 0; hit < 100_000; hit += 1) read()
  return Math.max(0, process.memoryUsage().heapUsed - before) / 100_000
}
const floorBytes = heapOf(floor)
const ownBytes = heapOf(() => cache.getSecretString(secretId))
showTable('Bytes of heap for each hit, without the await', [
  { what: 'floor', bytes: round(floorBytes) },
  { what: 'awscurrent, text', bytes: round(ownBytes) },
])
showFigure('bytes of heap for each hit, over the floor', Math.max(0, ownBytes - floorBytes), 1, ' B')

/** Hits in one go: mitata's own await for each measurement costs more than a hit. */
const hits = 1_000

/** Names are unique over all runs, for mitata keeps one list. */
function group(prefix) {
  bench(`${prefix}floor: a kept promise after a look at Date.now()`, async () => {
    for (let hit = 0; hit < hits; hit += 1) do_not_optimize(await floor())
  })
  bench(`${prefix}awscurrent, text`, async () => {
    for (let hit = 0; hit < hits; hit += 1) do_not_optimize(await cache.getSecretString(secretId))
  })
  bench(`${prefix}awscurrent, JSON`, async () => {
    for (let hit = 0; hit < hits; hit += 1) do_not_optimize(await cache.getSecretJson(secretId))
  })
  bench(`${prefix}awscurrent, text of two secrets in turn`, async () => {
    for (let hit = 0; hit < hits; hit += 1) do_not_optimize(await cache.getSecretString(hit % 2 === 0 ? secretId : otherId))
  })
  bench(`${prefix}lru-cache .fetch (coarse clock)`, async () => {
    for (let hit = 0; hit < hits; hit += 1) do_not_optimize(await lru.fetch(secretId))
  })
  bench(`${prefix}@isaacs/ttlcache, get or load (coarse clock)`, async () => {
    for (let hit = 0; hit < hits; hit += 1) do_not_optimize(await ttlCacheGet(secretId))
  })
  bench(`${prefix}hand-written Map`, async () => {
    for (let hit = 0; hit < hits; hit += 1) do_not_optimize(await handWritten.get(secretId))
  })
  bench(`${prefix}powertools parameters`, async () => {
    for (let hit = 0; hit < hits; hit += 1) do_not_optimize(await powertools.get(secretId, { maxAge: 3_600 }))
  })
  bench(`${prefix}middy secrets-manager, its middleware`, async () => {
    for (let hit = 0; hit < hits; hit += 1) do_not_optimize(await middy.before({ internal: {}, context: {} }))
  })
}

group('')
bench('sync: Map.get and Date.now()', () => {
  for (let hit = 0; hit < hits; hit += 1) do_not_optimize(map.get(secretId) && Date.now())
})
bench('sync: awscurrent, peek', () => {
  for (let hit = 0; hit < hits; hit += 1) do_not_optimize(cache.peek(secretId))
})

const plain = await run({ format: 'quiet' })
group('tracing: ')
const traced = await new AsyncLocalStorage().run({}, () => run({ format: 'quiet' }))
const nanoseconds = Object.fromEntries(
  [...plain.benchmarks, ...traced.benchmarks].map(({ alias, runs }) => [alias, runs[0].stats.p50 / hits]),
)
showTable(
  'One awaited hit, medians; "tracing" with an AsyncLocalStorage active',
  Object.entries(nanoseconds).map(([what, ns]) => ({ what, ns: round(ns) })),
)

for (const prefix of ['', 'tracing: ']) {
  const base = nanoseconds[`${prefix}floor: a kept promise after a look at Date.now()`]
  showFigure(`${prefix}text over the floor`, nanoseconds[`${prefix}awscurrent, text`] / base, 1.2, '×')
  showFigure(`${prefix}JSON over the floor`, nanoseconds[`${prefix}awscurrent, JSON`] / base, 1.2, '×')
}
showFigure(
  'peek over Map.get and Date.now()',
  nanoseconds['sync: awscurrent, peek'] / nanoseconds['sync: Map.get and Date.now()'],
  1,
  '×',
)

await server.close()
process.exit()
