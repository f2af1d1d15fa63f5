// The service under test: two caches that are read all the time, and pools that are queried all the time.
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { SecretCache, type SecretCacheOptions } from '../../src/index.js'
import { watchForDelays } from './busy-machine.js'
import type { CacheName, EvictionRecord, FromService, QueryRecord, ReadRecord, ServicePlan, ToService } from './messages.js'
import { monotonicMs } from './monotonic.js'
import { Random } from './random.js'
import { leftOver, namePlaces, openResources, watchTimers } from './resources.js'
import { openServicePool, type ServicePool } from './service-pool.js'
import { breakDns } from './unreliable-dns.js'

const plan = JSON.parse(process.env.CHAOS ?? '') as ServicePlan
const tell = (message: FromService): void => void process.send?.(message)
const trouble = (what: string): void => tell({ type: 'trouble', what })
watchTimers()
const before = openResources()

process.on('unhandledRejection', reason => trouble(`unhandled rejection: ${String(reason)}`))
process.on('uncaughtException', error => trouble(`uncaught exception: ${error.stack}`))
process.on('warning', warning => {
  if (warning.name === 'MaxListenersExceededWarning') trouble(warning.message)
})

let offsetMs = 0
const options: SecretCacheOptions = {
  ttlMs: 1_000,
  staleWhileRevalidateMs: 500,
  loadTimeoutMs: 2_000,
  backoff: { initialMs: 50, maxMs: 1_000 },
}
const client = new SecretsManagerClient({ region: plan.region })
const caches: Record<CacheName, SecretCache> = {
  steady: new SecretCache({ ...options, region: plan.region }),
  jumpy: new SecretCache({ ...options, client, maxEntries: 8, clock: { now: () => Date.now() + offsetMs } }),
}
const cacheNames: readonly CacheName[] = ['steady', 'jumpy']
const secretIds = [...plan.keys, ...plan.pools.map(({ secretId }) => secretId)]
for (const secretId of secretIds) caches.steady.handle(secretId).on('rotated', () => {})
const pools = plan.pools.map(each => openServicePool(each, caches[each.cache]))

let over = false
let reads: ReadRecord[] = []
let evictions: EvictionRecord[] = []
for (const cache of cacheNames) {
  caches[cache].on('evicted', ({ secretId }) => evictions.push({ cache, secretId, at: monotonicMs() }))
}

async function read(cache: CacheName, secretId: string, how: 'get' | 'refresh' | 'invalidate'): Promise<ReadRecord> {
  const from = monotonicMs()
  const told = (answer: ReadRecord['answer']): ReadRecord => ({ cache, secretId, how, from, to: monotonicMs(), answer })
  if (how === 'invalidate') caches[cache].invalidate(secretId)
  try {
    const secret = await (how === 'refresh' ? caches[cache].refreshNow(secretId) : caches[cache].getSecret(secretId))
    return told({ versionId: secret.versionId, text: secret.text() })
  } catch (error) {
    return told({ code: String((error as { code?: unknown }).code ?? error) })
  }
}

async function keepReading(cache: CacheName, reader: number): Promise<void> {
  const random = new Random(plan.seed, `reader ${cache} ${reader}`)
  while (!over) {
    const lot = random.next()
    const how = lot < 0.01 ? 'refresh' : lot < 0.02 ? 'invalidate' : 'get'
    reads.push(await read(cache, random.pick(secretIds), how))
    await sleep(10)
  }
}

async function keepQuerying(pool: ServicePool): Promise<void> {
  while (!over) {
    await pool.query()
    await sleep(10)
  }
}

function report(): void {
  const queries: QueryRecord[] = pools.map(pool => pool.takeRecord())
  tell({ type: 'done', reads, queries, evictions })
  reads = []
  evictions = []
}

/** Allocates what the garbage collector has to take away again. */
async function press(mebibytes: number): Promise<void> {
  for (let round = 0; round < 10; round += 1) await hold(mebibytes)
}

/** In a function of its own: what one round has held is free before the next one takes as much. */
async function hold(mebibytes: number): Promise<void> {
  const ballast = Array.from({ length: mebibytes * 8 }, (_, n) => Array.from({ length: 8_192 }, () => n))
  await sleep(ballast.length > 0 ? 20 : 0)
}

async function hear(payload: unknown, times: number): Promise<void> {
  for (const cache of Object.values(caches)) {
    for (let time = 0; time < times; time += 1) {
      cache.handleRotationEvent(payload).catch(error => trouble(`handleRotationEvent rejected: ${String(error)}`))
    }
  }
}

async function look(): Promise<void> {
  const looked = cacheNames.flatMap(cache => secretIds.map(secretId => read(cache, secretId, 'get')))
  report()
  await Promise.all(pools.map(pool => pool.query()))
  tell({ type: 'looked', reads: await Promise.all(looked), queries: pools.map(pool => pool.takeRecord()) })
}

async function close(): Promise<void> {
  over = true
  await working
  clearInterval(reporting)
  delays.stop()
  report()
  await Promise.all(pools.map(pool => pool.end()))
  await Promise.all(Object.values(caches).map(cache => cache.close()))
  client.destroy()
  for (const event of ['unhandledRejection', 'uncaughtException', 'warning']) process.removeAllListeners(event)
  process.off('message', onMessage)
  let left = leftOver(before, openResources())
  // Sockets say goodbye to the other side before they are gone.
  for (let round = 0; round < 50 && Object.keys(left).length > 0; round += 1) {
    await sleep(100)
    // The end of a timer, this one's too, is known a turn later.
    await nextTurn()
    left = leftOver(before, openResources())
  }
  tell({ type: 'closed', left: namePlaces(left), heapBytes: process.memoryUsage().heapUsed })
  process.disconnect()
}

function onMessage(message: ToService): void {
  if (message.type === 'event') void hear(message.payload, message.times)
  else if (message.type === 'clock') offsetMs = message.offsetMs
  else if (message.type === 'dns') breakDns(message.fault)
  else if (message.type === 'pressure') void press(message.mebibytes)
  else if (message.type === 'look') void look()
  else if (message.type === 'close') void close()
  else measure()
}

function measure(): void {
  globalThis.gc?.()
  const resources = Object.values(openResources()).reduce((sum, count) => sum + count, 0)
  tell({ type: 'measured', heapBytes: process.memoryUsage().heapUsed, resources })
}

await Promise.all(cacheNames.map(cache => caches[cache].warmup(secretIds)))
const working = Promise.all([
  ...cacheNames.flatMap(cache => [0, 1, 2].map(reader => keepReading(cache, reader))),
  ...pools.flatMap(pool => [0, 1, 2].map(() => keepQuerying(pool))),
])
const delays = watchForDelays((from, to, workedMs) => {
  // What it is late for because of its own work is no excuse.
  if (workedMs < (to - from) / 2) tell({ type: 'delayed', from, to })
})
const reporting = setInterval(report, 100)
process.on('message', onMessage)
tell({ type: 'ready' })
