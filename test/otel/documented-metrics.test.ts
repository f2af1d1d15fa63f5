import { DataPointType, type MetricData } from '@opentelemetry/sdk-metrics'
import { expect, it, onTestFinished } from 'vitest'
import { SecretCache } from '../../src/index.js'
import { recordMetrics } from '../../src/otel/index.js'
import { FakeSecretsManager, ManualClock } from '../../src/testing/index.js'
import { readPages } from '../package/readme.js'
import { rejectionOf } from '../support/rejection.js'
import { startCollector } from './collector.js'

/** One row of the documentation's table of metrics. */
interface Documented {
  name: string
  kind: string
  unit: string
  attributes: string[]
}

function kindOf(metric: MetricData): string {
  if (metric.dataPointType === DataPointType.SUM) return metric.isMonotonic ? 'counter' : 'up-down counter'
  return metric.dataPointType === DataPointType.GAUGE ? 'gauge' : 'histogram'
}

function documentedMetrics(): Documented[] {
  const row = /^\| `(awscurrent\.[\w.]+)` \| ([\w -]+) \| `([^`]+)` \| ([^|]+) \|/gm
  const rows = readPages().flatMap(({ text }) => [...text.matchAll(row)])
  return rows.map(([, name = '', kind = '', unit = '', attributes = '']) => ({
    name,
    kind,
    unit,
    attributes: [...attributes.matchAll(/`([^`]+)`/g)].map(([, attribute = '']) => attribute).sort(),
  }))
}

function recorded(metric: MetricData): Documented {
  const { name, unit } = metric.descriptor
  const attributes = new Set(metric.dataPoints.flatMap(point => Object.keys(point.attributes)))
  return { name, kind: kindOf(metric), unit, attributes: [...attributes].sort() }
}

/** Records everything that there is to record, and collects it. */
async function collectAll(): Promise<MetricData[]> {
  const { meter, collect } = startCollector()
  const clock = new ManualClock()
  const fake = new FakeSecretsManager({ clock, secrets: { 'prod/db': 'one' } })
  const cache = new SecretCache({ source: fake.source(), clock })
  onTestFinished(recordMetrics({ meter, caches: { main: cache } }))
  await cache.getSecretString('prod/db')
  fake.rotate('prod/db', 'two')
  await cache.refreshNow('prod/db')
  fake.inject({ error: 'InternalServiceError', times: 1 })
  await rejectionOf(cache.refreshNow('prod/db'))
  return collect()
}

it('every metric is in the documentation with its kind, unit and attributes, and no other is', async () => {
  const byName = (a: Documented, b: Documented): number => a.name.localeCompare(b.name)
  expect((await collectAll()).map(recorded).sort(byName)).toEqual(documentedMetrics().sort(byName))
})

it('every metric says what it is, and none is named as others begin', async () => {
  const metrics = await collectAll()
  const names = metrics.flatMap(metric => [metric.descriptor.name, ...recorded(metric).attributes])
  for (const { descriptor } of metrics) {
    expect(descriptor.description).toMatch(/^[A-Z].*\.$/)
    // OpenTelemetry forbids a name that is also a namespace.
    expect(names.filter(name => name.startsWith(`${descriptor.name}.`))).toEqual([])
  }
})
