// Reading 200 secrets before traffic comes, the service 25 ms away. Over HTTP, with the real SDK.
import { performance } from 'node:perf_hooks'
import { BatchGetSecretValueCommand, GetSecretValueCommand } from '@aws-sdk/client-secrets-manager'
import { SecretCache } from 'awscurrent'
import { interleave, median, medianRatio, round, showFigure, showTable } from './support/report.mjs'
import { startService } from './support/service.mjs'

const names = Array.from({ length: 200 }, (_, n) => `prod/secret-${n}`)
const service = await startService(Object.fromEntries(names.map(name => [name, name.padEnd(200, '.')])))
await service.inject({ delayMs: 25 })

const client = service.makeClient()
const batches = Array.from({ length: 10 }, (_, n) => names.slice(n * 20, n * 20 + 20))
const getBatch = batch => client.send(new BatchGetSecretValueCommand({ SecretIdList: batch }))
const getOne = name => client.send(new GetSecretValueCommand({ SecretId: name }))
const byHand = 'ten batch calls by hand, all at once'
const ways = {
  [byHand]: () => Promise.all(batches.map(getBatch)),
  'awscurrent warmup': () => new SecretCache({ client }).warmup(names),
  '200 GetSecretValue, all at once': () => Promise.all(names.map(getOne)),
}

const calls = {}
async function timed(what, way) {
  await service.resetCalls()
  const startedAt = performance.now()
  await way()
  const ms = performance.now() - startedAt
  calls[what] = await service.count()
  return ms
}

const timedWays = Object.fromEntries(Object.entries(ways).map(([what, way]) => [what, () => timed(what, way)]))
// The first turns pay for connections and for compiling.
await interleave(6, timedWays)
const times = await interleave(30, timedWays)
const rows = Object.entries(times).map(([what, ms]) => ({ what, calls: calls[what], 'ms, median': round(median(ms)) }))
showTable('200 secrets', rows, { of: 'ms, median' })
showFigure('calls', calls['awscurrent warmup'], 10)
showFigure('time over the batch calls by hand', medianRatio(times['awscurrent warmup'], times[byHand]), 1.4, '×')
service.stop()
process.exit()
