import { readFileSync } from 'node:fs'
import { DataPointType } from '@opentelemetry/sdk-metrics'
import { expect, it } from 'vitest'
import { dashboardJson } from '../../examples/grafana/dashboard.js'
import { startCollector } from './collector.js'
import { recordEverything } from './everything.js'

const readExample = (name: string): string => readFileSync(new URL(`../../examples/grafana/${name}`, import.meta.url), 'utf8')

/** The series and labels that Prometheus sees of what the code emits. */
async function emitted(): Promise<{ series: string[]; labels: string[] }> {
  const { meter, collect } = startCollector()
  await recordEverything(meter)
  const metrics = await collect()
  const series = metrics.map(metric => {
    const name = underscored(metric.descriptor.name)
    return metric.dataPointType === DataPointType.SUM && metric.isMonotonic ? `${name}_total` : name
  })
  const labels = metrics.flatMap(({ dataPoints }) => dataPoints.flatMap(({ attributes }) => Object.keys(attributes)))
  return { series, labels: [...new Set(labels)].map(underscored) }
}

function underscored(name: string): string {
  return name.replaceAll('.', '_')
}

function namesIn(text: string): string[] {
  return [...new Set(text.match(/\bawscurrent_\w+/g))]
}

it('the dashboard is what the script writes', () => {
  expect(readExample('dashboard.json')).toBe(dashboardJson())
})

it('the dashboard shows every metric', async () => {
  const { series } = await emitted()
  expect(namesIn(readExample('dashboard.json'))).toEqual(expect.arrayContaining(series))
})

it.each(['dashboard.json', 'alerts.yaml'])('%s names nothing that the code does not emit', async file => {
  const { series, labels } = await emitted()
  const known = new Set([...series, ...labels])
  expect(namesIn(readExample(file)).filter(name => !known.has(name))).toEqual([])
})
