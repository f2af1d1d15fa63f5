// The service is down while 100 reads a second go on: for a minute by a manual clock, and beside other caches for five real seconds.
import { setTimeout as sleep } from 'node:timers/promises'
import { SecretsProvider } from '@aws-lambda-powertools/parameters/secrets'
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager'
import { TTLCache } from '@isaacs/ttlcache'
import { SecretCache } from 'awscurrent'
import { FakeSecretsManager, ManualClock } from 'awscurrent/testing'
import { LRUCache } from 'lru-cache'
import { HandWrittenCache } from './support/hand-written.mjs'
import { round, showFigure, showTable } from './support/report.mjs'
import { secretId, secretValue, startService } from './support/service.mjs'

const ttlMs = 1_000
const faults = {
  'fails at once': { error: 'InternalServiceError' },
  'accepts and never answers': { hang: true },
}

async function simulatedMinute(fault) {
  const clock = new ManualClock()
  const fake = new FakeSecretsManager({ clock, secrets: { [secretId]: secretValue } })
  const cache = new SecretCache({ source: fake.source(), clock, ttlMs, staleWhileRevalidateMs: 0 })
  await cache.getSecretString(secretId)
  await clock.advance(ttlMs)
  fake.resetCalls()
  fake.inject(fault)
  let failed = 0
  const reads = []
  for (let read = 0; read < 6_000; read += 1) {
    reads.push(cache.getSecretString(secretId).catch(() => (failed += 1)))
    await clock.advance(10)
  }
  await Promise.all(reads)
  return { reads: reads.length, failed, calls: fake.count() }
}

const rows = []
for (const [what, fault] of Object.entries(faults)) rows.push({ 'the service': what, ...(await simulatedMinute(fault)) })
showTable('A minute without the service, 100 reads a second (manual clock, fake in process)', rows)
for (const { 'the service': what, failed, calls } of rows) {
  showFigure(`failed reads, the service ${what}`, failed, 0)
  showFigure(`calls, the service ${what}`, calls, 10)
}

const names = [
  'awscurrent',
  'lru-cache .fetch, stale',
  '@isaacs/ttlcache, get or load',
  'hand-written Map',
  'powertools parameters',
]
const service = await startService(Object.fromEntries(names.map((_, n) => [`prod/${n}`, secretValue])))
const { endpoint, region, credentials } = service.clientOptions
process.env.AWS_ENDPOINT_URL_SECRETS_MANAGER = endpoint
process.env.AWS_ACCESS_KEY_ID = credentials.accessKeyId
process.env.AWS_SECRET_ACCESS_KEY = credentials.secretAccessKey

const client = service.makeClient()
const load = async id => (await client.send(new GetSecretValueCommand({ SecretId: id }))).SecretString
const cache = new SecretCache({ region, ttlMs })
const lru = new LRUCache({ max: 10, ttl: ttlMs, allowStale: true, allowStaleOnFetchRejection: true, fetchMethod: load })
const ttlCache = new TTLCache({ max: 10, ttl: ttlMs })
const handWritten = new HandWrittenCache(load, ttlMs)
const powertools = new SecretsProvider({ awsSdkV3Client: client })
const contenders = [
  id => cache.getSecretString(id),
  id => lru.fetch(id),
  async id => {
    const cached = ttlCache.get(id)
    if (cached !== undefined) return cached
    const value = await load(id)
    ttlCache.set(id, value)
    return value
  },
  id => handWritten.get(id),
  id => powertools.get(id, { maxAge: ttlMs / 1_000 }),
]

const seconds = 5
const failures = names.map(() => 0)
await Promise.all(contenders.map((read, n) => read(`prod/${n}`)))
await sleep(ttlMs + 20)
await service.inject(faults['fails at once'])
await service.resetCalls()
const reads = []
for (let tick = 0; tick < seconds * 100; tick += 1) {
  contenders.forEach((read, n) => {
    reads.push(read(`prod/${n}`).catch(() => (failures[n] += 1)))
  })
  await sleep(10)
}
const calls = await service.calls()
await Promise.all(reads)
const besidePeers = names.map((what, n) => ({
  what,
  'calls a second': round(calls.filter(({ input }) => input.SecretId === `prod/${n}`).length / seconds),
  'failed reads': `${round((failures[n] / (seconds * 100)) * 100)} %`,
}))
showTable(`${seconds} seconds without the service, about 100 reads a second (over HTTP, real SDK)`, besidePeers, {
  of: 'calls a second',
})
service.stop()
process.exit()
