import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { ErrorEvent, LoadedEvent, RotatedEvent } from '../core/events/events.js'
import { completeClock } from '../core/time/clock.js'
import { createInstruments } from './instruments.js'
import type { BatchObservableResultLike } from './meter.js'
import { checkMetricsOptions, type MetricsOptions } from './metrics-options.js'
import { SecretAges } from './secret-ages.js'
import { SecretNames } from './secret-names.js'

/**
 * Records what caches do as metrics of OpenTelemetry, until the function that it returns is called.
 *
 * Call it once in a process, with all its caches. What has a cache's name comes from `stats()` and is read when metrics are collected, so
 * a hit costs nothing. What has a secret's name comes from the channels `awscurrent:loaded`, `awscurrent:rotated` and `awscurrent:error`, on
 * which all caches of the process speak. No attribute holds a value.
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
    loadDuration.record(event.durationMs / 1_000, attributes)
    ages.follow(event, attributes)
  }

  function onRotated(message: unknown): void {
    rotations.add(1, names.attributesOf(message as RotatedEvent))
  }

  function onError(message: unknown): void {
    const event = message as ErrorEvent
    ages.fail(event)
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

  const listeners = { loaded: onLoaded, rotated: onRotated, error: onError }
  const observables = [...observed.values(), age]
  for (const [type, listener] of Object.entries(listeners)) subscribe(`awscurrent:${type}`, listener)
  meter.addBatchObservableCallback(observe, observables)
  return () => {
    for (const [type, listener] of Object.entries(listeners)) unsubscribe(`awscurrent:${type}`, listener)
    meter.removeBatchObservableCallback(observe, observables)
  }
}
