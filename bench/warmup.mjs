// Reading 200 secrets before traffic comes, service 25 ms away.
import { performance } from 'node:perf_hooks'
import { BatchGetSecretValueCommand, GetSecretValueCommand } from '@aws-sdk/client-secrets-manager'
import { SecretCache } from 'awscurrent'
import { median, round, showFigure, showTable } from './support/report.mjs'
import { startService } from './support/service.mjs'

const names = Array.from({ length: 200 }, (_, n) => `prod/secret-${n}`)
const { fake, server, makeClient } = await startService(Object.fromEntries(names.map(name => [name, name.padEnd(200, '.')])))
fake.inject({ delayMs: 25 })

const client = makeClient()
const batches = Array.from({ length: 10 }, (_, n) => names.slice(n * 20, n * 20 + 20))
const getBatch = batch => client.send(new BatchGetSecretValueCommand({ SecretIdList: batch }))
const ways = {
  'ten batch calls by hand, all at once': () => Promise.all(batches.map(getBatch)),
  'awscurrent warmup': () => new SecretCache({ client }).warmup(names),
  '200 GetSecretValue, all at once': () =>
    Promise.all(names.map(name => client.send(new GetSecretValueCommand({ SecretId: name })))),
}

const times = {}
const calls = {}
for (let turn = 0; turn < 12; turn += 1) {
  for (const [what, way] of Object.entries(ways)) {
    fake.resetCalls()
    const startedAt = performance.now()
    await way()
    // The first round pays for connections.
    if (turn > 0) times[what] = [...(times[what] ?? []), performance.now() - startedAt]
    calls[what] = fake.count()
  }
}
showTable(
  '200 secrets (over HTTP, real SDK)',
  Object.keys(ways).map(what => ({ what, calls: calls[what], 'ms, median': round(median(times[what])) })),
)
showFigure('calls', calls['awscurrent warmup'], 10)
showFigure(
  'time over the batch calls by hand',
  median(times['awscurrent warmup']) / median(times['ten batch calls by hand, all at once']),
  1.4,
  '×',
)
await server.close()
process.exit()
