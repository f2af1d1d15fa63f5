// How long a rotated secret is read as it was: by a service that reads it all the time, and by one that reads it seldom.
import { setTimeout as sleep } from 'node:timers/promises'
import { SecretsProvider } from '@aws-lambda-powertools/parameters/secrets'
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager'
import { TTLCache } from '@isaacs/ttlcache'
import { SecretCache } from 'awscurrent'
import { LRUCache } from 'lru-cache'
import { HandWrittenCache } from './support/hand-written.mjs'
import { median, round, showFigure, showTable } from './support/report.mjs'
import { secretId, startService } from './support/service.mjs'

const ttlMs = 2_000
const rotations = 15
const seldomMs = 2 * ttlMs
const service = await startService()
const client = service.makeClient()
const load = async id => (await client.send(new GetSecretValueCommand({ SecretId: id }))).SecretString

// As much shorter than by default as the TTL is.
const windows = { ttlMs, staleWhileRevalidateMs: ttlMs / 5 }
const told = new SecretCache({ client, ...windows, refreshSpreadMs: 0 })
const untold = new SecretCache({ client, ...windows })
const lru = new LRUCache({ max: 10, ttl: ttlMs, allowStale: true, fetchMethod: load })
const ttlCache = new TTLCache({ max: 10, ttl: ttlMs })
const handWritten = new HandWrittenCache(load, ttlMs)
const powertools = new SecretsProvider({ awsSdkV3Client: client })

const ours = 'awscurrent, told by an event'
const byTtl = 'awscurrent, not told'
const contenders = {
  [ours]: () => told.getSecretString(secretId),
  [byTtl]: () => untold.getSecretString(secretId),
  'lru-cache .fetch, allowStale': () => lru.fetch(secretId),
  '@isaacs/ttlcache, get or load': async () => {
    const cached = ttlCache.get(secretId)
    if (cached !== undefined) return cached
    const value = await load(secretId)
    ttlCache.set(secretId, value)
    return value
  },
  'hand-written Map': () => handWritten.get(secretId),
  'powertools parameters': () => powertools.get(secretId, { maxAge: ttlMs / 1_000 }),
}
const readAll = () => Promise.all(Object.values(contenders).map(read => read()))

/** Rotates; only the one that is told hears of it. */
async function rotate(n) {
  const value = `value ${n}`
  const event = await service.rotate(secretId, value)
  return { value, hear: () => told.handleRotationEvent(event) }
}

/** Milliseconds until each has read the new value at last, all reading every 5 ms. */
async function busy(n) {
  await readAll()
  // At another moment of the TTL each time.
  const pausedUntil = performance.now() + 500 + (n / rotations) * ttlMs
  while (performance.now() < pausedUntil) {
    await readAll()
    await sleep(5)
  }
  const { value, hear } = await rotate(n)
  const at = performance.now()
  void hear()
  return Promise.all(
    Object.values(contenders).map(async read => {
      while ((await read()) !== value) await sleep(5)
      return performance.now() - at
    }),
  )
}

/** Whether each is given the old value by the first read in a long while. */
async function seldom(n) {
  await readAll()
  const { value, hear } = await rotate(n)
  await hear()
  await sleep(seldomMs)
  return (await readAll()).map(read => read !== value)
}

const whileBusy = []
for (let n = 0; n < rotations; n += 1) whileBusy.push(await busy(n))
const whileSeldom = []
for (let n = 0; n < 3; n += 1) whileSeldom.push(await seldom(`${n}, read seldom`))

const timesOf = n => whileBusy.map(times => times[n])
const rows = Object.keys(contenders).map((what, n) => ({
  what,
  'ms, median': round(median(timesOf(n))),
  'ms, longest': round(Math.max(...timesOf(n))),
  'old value after two TTLs without a read': `${whileSeldom.filter(old => old[n]).length} of ${whileSeldom.length}`,
}))
showTable(`After a rotation, with a TTL of ${ttlMs / 1_000} s, until the new value is read`, rows, {
  of: 'ms, median',
  note: 'Read every 5 ms. The event is there at once: what brings it takes its own time.',
})
const [toldMs, untoldMs] = [ours, byTtl].map(what => median(timesOf(Object.keys(contenders).indexOf(what))))
showFigure('told by an event over waiting for the TTL', toldMs / untoldMs, 0.05, '×')
showFigure('old values that are handed out after two TTLs', whileSeldom.filter(([first, second]) => first || second).length, 0)
service.stop()
process.exit()
