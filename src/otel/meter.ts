/** What an instrument is made with. */
export interface InstrumentOptions {
  description?: string
  /** By UCUM; what is counted stands in braces. */
  unit?: string
  advice?: { explicitBucketBoundaries?: number[] }
}

/** Something that only grows. */
export interface CounterLike {
  add(value: number, attributes?: Record<string, string>): void
}

/** Something whose distribution matters. */
export interface HistogramLike {
  record(value: number, attributes?: Record<string, string>): void
}

/** Takes what is observed when metrics are collected. */
export interface BatchObservableResultLike {
  observe(instrument: object, value: number, attributes?: Record<string, string>): void
}

/** A meter of OpenTelemetry, as much of it as is called here: pass `metrics.getMeter('awscurrent')` of `@opentelemetry/api`. */
export interface MeterLike {
  createCounter(name: string, options?: InstrumentOptions): CounterLike
  createHistogram(name: string, options?: InstrumentOptions): HistogramLike
  createObservableCounter(name: string, options?: InstrumentOptions): object
  createObservableUpDownCounter(name: string, options?: InstrumentOptions): object
  createObservableGauge(name: string, options?: InstrumentOptions): object
  addBatchObservableCallback(callback: (result: BatchObservableResultLike) => void, observables: object[]): void
  removeBatchObservableCallback(callback: (result: BatchObservableResultLike) => void, observables: object[]): void
}
