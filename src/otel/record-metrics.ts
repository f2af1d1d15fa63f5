import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { ErrorEvent, LoadedEvent, RotatedEvent } from '../core/events/events.js'
import { completeClock } from '../core/time/clock.js'
import { createInstruments } from './instruments.js'
import type { BatchObservableResultLike } from './meter.js'
import { checkMetricsOptions, type MeteredCache, type MetricsOptions } from './metrics-options.js'
import { SecretAges } from './secret-ages.js'
import { SecretNames } from './secret-names.js'

/**
 * Records OpenTelemetry metrics of caches, until you call the function that it returns.
 *
 * Call it once per process, with all its caches. Metrics with the name of a cache come from `stats()` and are read when metrics are
 * collected, so a hit costs nothing. Metrics with the name of a secret come from the channels `awscurrent:loaded`, `awscurrent:rotated` and
 * `awscurrent:error`, to which all caches of the process publish. No attribute contains the value of a secret. Throws a TypeError for an
 * invalid option.
 *
 * @example
 * import { metrics } from '@opentelemetry/api'
 * const stop = recordMetrics({ meter: metrics.getMeter('awscurrent'), caches: { main: secrets } })
 */
export function recordMetrics(options: MetricsOptions): () => void {
  checkMetricsOptions(options)
  const { meter } = options
  const { now } = completeClock(options.clock)
  const caches = Object.entries(options.caches)
  const { age, errors, loadDuration, observed, rotations } = createInstruments(meter)
  const names = new SecretNames()
  const ages = new SecretAges()

  function onLoaded(message: unknown): void {
    const event = message as LoadedEvent
    names.confirm(event)
    const attributes = names.attributesOf(event)
    ages.follow(event, attributes)
    loadDuration.record(event.durationMs / 1_000, attributes)
  }

  function onRotated(message: unknown): void {
    rotations.add(1, names.attributesOf(message as RotatedEvent))
  }

  function onError(message: unknown): void {
    const event = message as ErrorEvent
    errors.add(1, { ...names.attributesOf(event), 'error.type': event.error.code })
  }

  function observe(result: BatchObservableResultLike): void {
    for (const [cacheName, cache] of caches) {
      const stats = cache.stats()
      const ofCache = { 'awscurrent.cache.name': cacheName }
      for (const [count, instrument] of observed) result.observe(instrument, stats[count], ofCache)
      for (const { attributes, ageMs } of ages.in(cache, now())) result.observe(age, ageMs / 1_000, { ...attributes, ...ofCache })
    }
  }

  /** Tracks the ages per cache. A cache publishes to its channels before it calls listeners, so `onLoaded` has already run. */
  function followCache(cache: MeteredCache): (() => void)[] {
    const onOwn = (event: LoadedEvent | ErrorEvent): void => {
      if (event.type === 'loaded') ages.learn(cache, event, now())
      else ages.fail(cache, event)
    }
    return (['loaded', 'error'] as const).map(type => cache.on?.(type, onOwn) ?? (() => {}))
  }

  const listeners = { loaded: harmless(onLoaded), rotated: harmless(onRotated), error: harmless(onError) }
  const leave = caches.flatMap(([, cache]) => followCache(cache))
  const observables = [...observed.values(), age]
  for (const [type, listener] of Object.entries(listeners)) subscribe(`awscurrent:${type}`, listener)
  meter.addBatchObservableCallback(observe, observables)
  return () => {
    for (const end of leave) end()
    for (const [type, listener] of Object.entries(listeners)) unsubscribe(`awscurrent:${type}`, listener)
    meter.removeBatchObservableCallback(observe, observables)
  }
}

/** An error of an instrument must not end the process, as an error in a subscriber of a channel does. */
function harmless(run: (message: unknown) => void): (message: unknown) => void {
  return message => {
    try {
      run(message)
    } catch {
      process.emitWarning('An instrument threw an exception: the metrics are incomplete.', { code: 'AWSCURRENT_OTEL' })
    }
  }
}
