import { DataPointType, type MetricData } from '@opentelemetry/sdk-metrics'
import { expect, it } from 'vitest'
import { readPages } from '../package/readme.js'
import { startCollector } from './collector.js'
import { recordEverything } from './everything.js'

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

async function collectAll(): Promise<MetricData[]> {
  const { meter, collect } = startCollector()
  await recordEverything(meter)
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
