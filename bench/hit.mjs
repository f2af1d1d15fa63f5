// What a hit costs: one awaited read of a fresh secret. No service is asked: what counts is the cache.
import { AsyncLocalStorage } from 'node:async_hooks'
import { SecretsProvider } from '@aws-lambda-powertools/parameters/secrets'
import { TTLCache } from '@isaacs/ttlcache'
import middySecrets from '@middy/secrets-manager'
import { SecretCache } from 'awscurrent'
import { LRUCache } from 'lru-cache'
import { do_not_optimize, measure } from 'mitata'
import { HandWrittenCache } from './support/hand-written.mjs'
import { interleave, median, medianRatio, round, showFigure, showTable } from './support/report.mjs'
import { instantSource, secretId, startService } from './support/service.mjs'

const hour = 3_600_000
const otherId = 'prod/other'
const service = await startService()
const load = async id => (await instantSource.get({ secretId: id })).string

const cache = new SecretCache({ source: instantSource, ttlMs: hour })
const powertools = new SecretsProvider({ awsSdkV3Client: service.makeClient() })
const lru = new LRUCache({ max: 1_024, ttl: hour, fetchMethod: load })
const ttlCache = new TTLCache({ max: 1_024, ttl: hour })
const handWritten = new HandWrittenCache(load, hour)
const middy = middySecrets({ fetchData: { db: secretId }, setToContext: true, awsClientOptions: service.clientOptions })

async function ttlCacheGet(id) {
  const cached = ttlCache.get(id)
  if (cached !== undefined) return cached
  const value = await load(id)
  ttlCache.set(id, value)
  return value
}

async function middyGet() {
  const request = { internal: {}, context: {} }
  await middy.before(request)
  return request.context.db
}

const kept = Promise.resolve(await load(secretId))
const expiresAt = Date.now() + 24 * hour
function floor() {
  return Date.now() < expiresAt ? kept : Promise.resolve('')
}
const map = new Map([secretId, otherId].map(id => [id, {}]))

const oneAnswer = { maxAge: 3_600 }
const oneJsonAnswer = { ...oneAnswer, transform: 'json' }
const answers = [
  ...[secretId, otherId].flatMap(id => [cache.getSecretString(id), cache.getSecretJson(id)]),
  lru.fetch(secretId),
  ttlCacheGet(secretId),
  handWritten.get(secretId),
  powertools.get(secretId, oneAnswer),
  powertools.get(secretId, oneJsonAnswer),
  middyGet(),
]
if (!(await Promise.all(answers)).every(answer => JSON.stringify(answer).includes('password')))
  throw new Error('A cache is empty.')
service.stop()

/** Hits in one go: mitata's own await for each measurement costs more than a hit. A loop each: a shared one would not be inlined. */
const hits = 1_000
const base = 'floor: a kept promise after a look at Date.now()'
const awaited = {
  [base]: async () => {
    for (let hit = 0; hit < hits; hit += 1) do_not_optimize(await floor())
  },
  'awscurrent, text': async () => {
    for (let hit = 0; hit < hits; hit += 1) do_not_optimize(await cache.getSecretString(secretId))
  },
  'awscurrent, JSON': async () => {
    for (let hit = 0; hit < hits; hit += 1) do_not_optimize(await cache.getSecretJson(secretId))
  },
  'awscurrent, text of two secrets in turn': async () => {
    for (let hit = 0; hit < hits; hit += 1) do_not_optimize(await cache.getSecretString(hit % 2 === 0 ? secretId : otherId))
  },
  'lru-cache .fetch (coarse clock)': async () => {
    for (let hit = 0; hit < hits; hit += 1) do_not_optimize(await lru.fetch(secretId))
  },
  '@isaacs/ttlcache, get or load (coarse clock)': async () => {
    for (let hit = 0; hit < hits; hit += 1) do_not_optimize(await ttlCacheGet(secretId))
  },
  'hand-written Map': async () => {
    for (let hit = 0; hit < hits; hit += 1) do_not_optimize(await handWritten.get(secretId))
  },
  'hand-written Map, JSON parsed for each read': async () => {
    for (let hit = 0; hit < hits; hit += 1) do_not_optimize(JSON.parse(await handWritten.get(secretId)))
  },
  'powertools parameters': async () => {
    for (let hit = 0; hit < hits; hit += 1) do_not_optimize(await powertools.get(secretId, oneAnswer))
  },
  'powertools parameters, JSON': async () => {
    for (let hit = 0; hit < hits; hit += 1) do_not_optimize(await powertools.get(secretId, oneJsonAnswer))
  },
  'middy secrets-manager, its middleware': async () => {
    for (let hit = 0; hit < hits; hit += 1) do_not_optimize(await middyGet())
  },
}
const mapAndClock = 'Map.get and Date.now()'
const mapInTurn = 'Map.get of two ids in turn and Date.now()'
const synchronous = {
  [mapAndClock]: () => {
    for (let hit = 0; hit < hits; hit += 1) do_not_optimize(map.get(secretId) && Date.now())
  },
  'awscurrent, peek': () => {
    for (let hit = 0; hit < hits; hit += 1) do_not_optimize(cache.peek(secretId))
  },
  [mapInTurn]: () => {
    for (let hit = 0; hit < hits; hit += 1) do_not_optimize(map.get(hit % 2 === 0 ? secretId : otherId) && Date.now())
  },
  'awscurrent, peek at two secrets in turn': () => {
    for (let hit = 0; hit < hits; hit += 1) do_not_optimize(cache.peek(hit % 2 === 0 ? secretId : otherId))
  },
}

/** Medians of nanoseconds for one hit, a list for each loop, its loops measured in turn. */
function measureAll(loops) {
  // One call a sample: mitata's batches begin at about the length of these loops, so that some would be batched and others not.
  const options = { min_cpu_time: 50e6, batch_threshold: 0 }
  const measured = Object.entries(loops).map(([what, loop]) => [what, async () => (await measure(loop, options)).p50 / hits])
  return interleave(15, Object.fromEntries(measured))
}

function showTimes(title, times, goals, chart) {
  const rows = Object.entries(times).map(([what, ns]) => {
    const over = goals[what]?.base ?? base
    return { what, ns: round(median(ns)), 'over its floor': over in times ? `${round(medianRatio(ns, times[over]))}×` : '' }
  })
  showTable(title, rows, chart)
  for (const [what, { base: over, goal }] of Object.entries(goals)) {
    if (goal !== undefined) showFigure(`${what}, over its floor`, medianRatio(times[what], times[over]), goal, '×')
  }
}

const awaitedGoals = { 'awscurrent, text': { base, goal: 1.2 }, 'awscurrent, JSON': { base, goal: 1.2 } }
showTimes('One awaited hit', await measureAll(awaited), awaitedGoals, { of: 'ns', log: true })
const traced = await new AsyncLocalStorage().run({}, () => measureAll(awaited))
showTimes('One awaited hit with an AsyncLocalStorage active', traced, awaitedGoals)
showTimes('One synchronous hit', await measureAll(synchronous), {
  [mapAndClock]: { base: mapAndClock },
  'awscurrent, peek': { base: mapAndClock, goal: 1 },
  [mapInTurn]: { base: mapInTurn },
  'awscurrent, peek at two secrets in turn': { base: mapInTurn },
})
await cache.close()
process.exit()
