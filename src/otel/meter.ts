/** Options of an instrument. */
export interface InstrumentOptions {
  /** The description of the metric. */
  description?: string
  /** The unit, in UCUM; counted things are in braces. */
  unit?: string
  /** The suggested buckets of a histogram, unless a view sets others. */
  advice?: { explicitBucketBoundaries?: number[] }
}

/** A counter of OpenTelemetry: a value that only grows. */
export interface CounterLike {
  /** Adds to the count of a series. */
  add(value: number, attributes?: Record<string, string | number>): void
}

/** A histogram of OpenTelemetry: a distribution of values. */
export interface HistogramLike {
  /** Records one value. */
  record(value: number, attributes?: Record<string, string | number>): void
}

/** The argument of a callback that runs when metrics are collected. */
export interface BatchObservableResultLike {
  /** Reports the current value of a series. */
  observe(instrument: object, value: number, attributes?: Record<string, string | number>): void
}

/** The methods of an OpenTelemetry meter that are called here: pass `metrics.getMeter('awscurrent')` of `@opentelemetry/api`. */
export interface MeterLike {
  /** Creates a counter, for errors for example. */
  createCounter(name: string, options?: InstrumentOptions): CounterLike
  /** Creates a histogram, for the durations of loads for example. */
  createHistogram(name: string, options?: InstrumentOptions): HistogramLike
  /** Creates a counter that is read when metrics are collected. */
  createObservableCounter(name: string, options?: InstrumentOptions): object
  /** Creates a counter that may also fall, read when metrics are collected. */
  createObservableUpDownCounter(name: string, options?: InstrumentOptions): object
  /** Creates a gauge, a value that is not summed up, such as an age, read when metrics are collected. */
  createObservableGauge(name: string, options?: InstrumentOptions): object
  /** Registers `callback`, which reports all of `observables` whenever metrics are collected. */
  addBatchObservableCallback(callback: (result: BatchObservableResultLike) => void, observables: object[]): void
  /** Removes a callback that `addBatchObservableCallback` registered. */
  removeBatchObservableCallback(callback: (result: BatchObservableResultLike) => void, observables: object[]): void
}
