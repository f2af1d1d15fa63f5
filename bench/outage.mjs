// The service is down for a minute (of simulated time) while 100 reads a second go on.
import { SecretCache } from 'awscurrent'
import { FakeSecretsManager, ManualClock } from 'awscurrent/testing'
import { showFigure, showTable } from './support/report.mjs'

const rows = []
for (const [outage, fault] of [
  ['fails at once', { error: 'InternalServiceError' }],
  ['accepts and never answers', { hang: true }],
]) {
  const clock = new ManualClock()
  const fake = new FakeSecretsManager({ clock, secrets: { 'prod/db': 'good' } })
  const cache = new SecretCache({ source: fake.source(), clock, ttlMs: 1_000, staleWhileRevalidateMs: 0 })
  await cache.getSecretString('prod/db')
  await clock.advance(1_000)
  fake.resetCalls()
  fake.inject(fault)
  let failed = 0
  const reads = []
  for (let read = 0; read < 6_000; read += 1) {
    reads.push(cache.getSecretString('prod/db').catch(() => (failed += 1)))
    await clock.advance(10)
  }
  await Promise.all(reads)
  rows.push({ 'the service': outage, reads: reads.length, failed, calls: fake.count() })
}
showTable('A minute without the service, 100 reads a second (manual clock)', rows)
for (const row of rows) {
  showFigure(`failed reads, the service ${row['the service']}`, row.failed, 0)
  showFigure(`calls, the service ${row['the service']}`, row.calls, 10)
}
