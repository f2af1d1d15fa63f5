/** What an instrument is made with. */
export interface InstrumentOptions {
  /** What is measured, in words. */
  description?: string
  /** By UCUM; what is counted stands in braces. */
  unit?: string
  /** How a histogram may be divided, if its view does not say. */
  advice?: { explicitBucketBoundaries?: number[] }
}

/** Something that only grows. */
export interface CounterLike {
  /** Adds to the count of a series. */
  add(value: number, attributes?: Record<string, string>): void
}

/** Something whose distribution matters. */
export interface HistogramLike {
  /** Takes one value in. */
  record(value: number, attributes?: Record<string, string>): void
}

/** Takes what is observed when metrics are collected. */
export interface BatchObservableResultLike {
  /** Reports the present value of a series. */
  observe(instrument: object, value: number, attributes?: Record<string, string>): void
}

/** A meter of OpenTelemetry, as much of it as is called here: pass `metrics.getMeter('awscurrent')` of `@opentelemetry/api`. */
export interface MeterLike {
  /** Makes a counter, such as that of the errors. */
  createCounter(name: string, options?: InstrumentOptions): CounterLike
  /** Makes a histogram, such as that of how long loads take. */
  createHistogram(name: string, options?: InstrumentOptions): HistogramLike
  /** Makes a counter that is read when metrics are collected. */
  createObservableCounter(name: string, options?: InstrumentOptions): object
  /** Makes a number that may fall, read when metrics are collected. */
  createObservableUpDownCounter(name: string, options?: InstrumentOptions): object
  /** Makes a value that is not summed up, such as an age, read when metrics are collected. */
  createObservableGauge(name: string, options?: InstrumentOptions): object
  /** Has `callback` report all of `observables` whenever metrics are collected. */
  addBatchObservableCallback(callback: (result: BatchObservableResultLike) => void, observables: object[]): void
  /** Ends what `addBatchObservableCallback` began. */
  removeBatchObservableCallback(callback: (result: BatchObservableResultLike) => void, observables: object[]): void
}
