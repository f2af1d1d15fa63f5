import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  type MetricData,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { onTestFinished } from 'vitest'
import type { MeterLike } from '../../src/otel/index.js'

/** The SDK of OpenTelemetry with its exporter to memory; shut down when the test ends. */
export interface Collector {
  readonly meter: MeterLike
  /** Collects now and answers every metric with its series. */
  collect(): Promise<MetricData[]>
  /** As `collect`: the series of one metric as pairs of attributes and value; a histogram's value is its sum. */
  series(name: string): Promise<[attributes: object, value: number][]>
}

export function startCollector(): Collector {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  // Collects by itself after an hour, long after any test.
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })
  const provider = new MeterProvider({ readers: [reader] })
  onTestFinished(() => provider.shutdown())

  async function collect(): Promise<MetricData[]> {
    exporter.reset()
    await provider.forceFlush()
    return exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics))
  }

  return {
    meter: provider.getMeter('awscurrent'),
    collect,
    async series(name) {
      const points = (await collect()).find(({ descriptor }) => descriptor.name === name)?.dataPoints ?? []
      return points.map(({ attributes, value }) => [attributes, typeof value === 'number' ? value : (value.sum ?? 0)])
    },
  }
}
