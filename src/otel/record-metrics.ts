import type { ErrorEvent, LoadedEvent, RotatedEvent } from '../core/events/events.js'
import { completeClock } from '../core/time/clock.js'
import { subscribeTo } from './channels.js'
import { ExpectedSecrets } from './expected-secrets.js'
import { createInstruments } from './instruments.js'
import { recordListeners } from './listener-metrics.js'
import type { BatchObservableResultLike } from './meter.js'
import { checkMetricsOptions, type MeteredCache, type MetricsOptions } from './metrics-options.js'
import { recordPools } from './pool-metrics.js'
import { SecretAges } from './secret-ages.js'
import { SecretNames } from './secret-names.js'

/**
 * Records OpenTelemetry metrics of caches, until you call the function that it returns.
 *
 * Call it once per process, with all its caches. Metrics with the name of a cache come from `stats()` and are read when metrics are
 * collected, so a hit costs nothing. Metrics with the name of a secret come from the channels `awscurrent:loaded`, `awscurrent:rotated` and
 * `awscurrent:error`, to which all caches of the process publish; those of pools, swaps and listeners come from the channels of their events.
 * No attribute contains the value of a secret. Throws a TypeError for an invalid option.
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
  const { age, errors, loadDuration, loaded, observed, rotations, servable, ttl } = createInstruments(meter)
  const names = new SecretNames()
  const ages = new SecretAges()
  const expected = new Map(caches.map(([name, cache]) => [cache, new ExpectedSecrets(cache, options.secrets?.[name] ?? [])]))

  function onLoaded(event: LoadedEvent): void {
    names.confirm(event)
    const attributes = names.attributesOf(event)
    ages.follow(event, attributes)
    loadDuration.record(event.durationMs / 1_000, attributes)
  }

  function onRotated(event: RotatedEvent): void {
    rotations.add(1, names.attributesOf(event))
  }

  function onError(event: ErrorEvent): void {
    errors.add(1, { ...names.attributesOf(event), 'error.type': event.error.code })
  }

  function observe(result: BatchObservableResultLike): void {
    for (const [cacheName, cache] of caches) {
      const stats = cache.stats()
      const ofCache = { 'awscurrent.cache.name': cacheName }
      for (const [count, instrument] of observed) result.observe(instrument, stats[count], ofCache)
      for (const { attributes, ageMs, ttlMs, servableMs } of ages.in(cache, now())) {
        const seconds = [
          [age, ageMs],
          [ttl, ttlMs],
          [servable, servableMs],
        ] as const
        for (const [instrument, ms = Infinity] of seconds) {
          if (ms !== Infinity) result.observe(instrument, ms / 1_000, { ...attributes, ...ofCache })
        }
      }
      for (const { id, isLoaded } of expected.get(cache)?.all() ?? []) {
        result.observe(loaded, isLoaded ? 1 : 0, { 'awscurrent.secret.name': id, ...ofCache })
      }
    }
  }

  /** A cache may have loaded the secret of a pool before the recording began. */
  function attributesOfPool(secretId: string | undefined): Record<string, string> {
    if (secretId !== undefined && !names.knows(secretId)) {
      for (const [, cache] of caches) {
        const { arn, name } = cache.peek(secretId, { versionStage: 'AWSCURRENT' }) ?? {}
        names.confirm({ secretId, arn, name, versionStage: undefined })
      }
    }
    return names.attributesOfId(secretId)
  }

  /** Tracks the ages per cache. A cache publishes to its channels before it calls listeners, so `onLoaded` has already run. */
  function followCache(cache: MeteredCache): (() => void)[] {
    const onOwn = (event: LoadedEvent | ErrorEvent): void => {
      if (event.type === 'error') ages.fail(cache, event)
      else ages.learn(cache, event, now())
      expected.get(cache)?.look()
    }
    return (['loaded', 'error'] as const).map(type => cache.on?.(type, onOwn) ?? (() => {}))
  }

  const endings = [
    subscribeTo({ loaded: onLoaded, rotated: onRotated, error: onError }),
    recordPools({ meter, attributesOf: attributesOfPool, now }),
    recordListeners(meter),
    ...caches.flatMap(([, cache]) => followCache(cache)),
  ]
  const observables = [...observed.values(), age, ttl, servable, loaded]
  meter.addBatchObservableCallback(observe, observables)
  return () => {
    for (const end of endings) end()
    meter.removeBatchObservableCallback(observe, observables)
  }
}
