export type { BatchObservableResultLike, CounterLike, HistogramLike, InstrumentOptions, MeterLike } from './meter.js'
export type { MeteredCache, MetricsOptions } from './metrics-options.js'
export { recordMetrics } from './record-metrics.js'
