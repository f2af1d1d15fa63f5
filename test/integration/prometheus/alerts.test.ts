import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus'
import { MeterProvider } from '@opentelemetry/sdk-metrics'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { SecretCache } from '../../../src/index.js'
import { recordMetrics } from '../../../src/otel/index.js'
import { createSwap, type Swap } from '../../../src/swap/index.js'
import { FakeSecretsManager } from '../../../src/testing/index.js'
import { type Prometheus, startPrometheus } from '../../support/prometheus.js'
import { findProgram, freePort } from '../../support/server-process.js'

const rulesFile = fileURLToPath(new URL('../../../examples/grafana/alerts.yaml', import.meta.url))
const run = promisify(execFile)
const id = 'prod/db'
const refusal = new Error('rejected')

it('promtool accepts the rules', async () => {
  const { stdout } = await run(findProgram('promtool', 'prometheus'), ['check', 'rules', rulesFile])
  expect(stdout).toContain('SUCCESS: 5 rules found')
})

it('promtool finds that they fire when they should, and only then', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'awscurrent-promtool-'))
  const file = join(folder, 'alerts.yaml')
  const tests = readFileSync(new URL('alerts.promtool.yaml', import.meta.url), 'utf8')
  writeFileSync(file, tests.replace('RULES', rulesFile))
  try {
    const { stdout } = await run(findProgram('promtool', 'prometheus'), ['test', 'rules', file])
    expect(stdout).toContain('SUCCESS')
  } finally {
    rmSync(folder, { recursive: true })
  }
})

let prometheus: Prometheus
let fake: FakeSecretsManager
let cache: SecretCache
let swap: Swap<string>
/** The passwords that the database accepts. */
const accepted = new Set(['one'])
const endings: (() => unknown)[] = []

/** Reads as a service does, until the alerts that fire are these. */
async function untilFiring(...alerts: string[]): Promise<void> {
  await vi.waitFor(
    async () => {
      await cache.refreshNow(id).catch(() => {})
      expect(await prometheus.firing()).toEqual(alerts)
    },
    { timeout: 60_000, interval: 200 },
  )
}

beforeAll(async () => {
  const port = await freePort()
  const exporter = new PrometheusExporter({ host: '127.0.0.1', port })
  const provider = new MeterProvider({ readers: [exporter] })
  endings.push(() => provider.shutdown())
  // Nothing is waited for: a test would take as long.
  const rules = readFileSync(rulesFile, 'utf8').replace(/for: \d+m/g, 'for: 0s')
  prometheus = await startPrometheus({ exporterPort: port, rules })
  endings.push(() => prometheus.stop())
  fake = new FakeSecretsManager({ secrets: { [id]: 'one' } })
  cache = new SecretCache({ source: fake.source(), ttlMs: 1_000, staleWhileRevalidateMs: 0, staleIfErrorMs: 86_400_000 })
  endings.push(() => cache.close())
  endings.push(
    recordMetrics({
      meter: provider.getMeter('awscurrent'),
      caches: { main: cache },
      secrets: { main: [id, 'prod/late'] },
    }),
  )
  swap = createSwap<string>({
    cache,
    secretId: id,
    create: secret => secret.text(),
    async verify(password) {
      if (!accepted.has(password)) throw refusal
    },
    drain() {},
    isAuthError: error => error === refusal,
  })
  endings.push(() => swap.close())
})

afterAll(async () => {
  for (const end of endings.reverse()) await end()
})

it('an outage fires, and its end ends the alerts; a rotation fires nothing, unless the database rejects the new version', async () => {
  await untilFiring('AwscurrentSecretNeverLoaded')
  fake.create('prod/late', 'here')
  await cache.getSecretString('prod/late')
  await untilFiring()

  await swap.use(() => {})
  accepted.add('two')
  fake.rotate(id, 'two')
  await cache.refreshNow(id)
  await swap.use(() => {})
  await vi.waitFor(async () => expect(await prometheus.query('sum(awscurrent_pool_credentials_total)')).toEqual([2]), 10_000)
  expect(await prometheus.query('awscurrent_rotations_total')).toEqual([1])
  await untilFiring()

  fake.inject({ error: 'InternalServiceError' })
  await untilFiring('AwscurrentSecretNotRefreshed')
  fake.recover()
  await untilFiring()

  fake.inject({ error: 'AccessDeniedException' })
  await untilFiring('AwscurrentSecretNotRefreshed', 'AwscurrentSecretRunsOut')
  fake.recover()
  await untilFiring()

  fake.rotate(id, 'not in the database')
  await cache.refreshNow(id)
  await untilFiring('AwscurrentPoolRefused')
})
