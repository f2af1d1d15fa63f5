import type { Place } from '../core/entries/selector.js'
import type { Outcome } from '../core/loads/load.js'
import { checkOptions, hasMethod, type OptionRule } from '../core/options/check-options.js'
import { insideOf } from './servable.js'
import type { SpanLike, TracerLike } from './tracer.js'

/** Options of `recordSpans`. */
export interface SpansOptions {
  /** The tracer that starts the spans: `trace.getTracer('awscurrent')` of `@opentelemetry/api`. Required. */
  tracer: TracerLike
  /** The caches by name, at least one. The name becomes the attribute `awscurrent.cache.name`. Required. */
  caches: Readonly<Record<string, object>>
}

/** The status of a span that ended with an error. */
const failed = 2

const rules: Readonly<Record<keyof SpansOptions, OptionRule>> = {
  tracer: value =>
    hasMethod(value, 'startActiveSpan')
      ? undefined
      : "a tracer of OpenTelemetry: npm install @opentelemetry/api, and pass trace.getTracer('awscurrent')",
  caches: value =>
    typeof value === 'object' && value !== null && Object.values(value).length > 0 && Object.values(value).every(insideOf)
      ? undefined
      : 'an object of caches by name, such as { main: secrets }',
}

/**
 * Records an OpenTelemetry span `awscurrent.load` for each load of caches, until you call the function that it returns.
 *
 * The span is a child of the active span of the caller whose read began the load; spans of the AWS SDK are its children. A hit has no span
 * and costs nothing. A span names a secret only if a response has confirmed the name, and never contains a value. Throws a TypeError for an
 * invalid option.
 *
 * @example
 * import { trace } from '@opentelemetry/api'
 * const stop = recordSpans({ tracer: trace.getTracer('awscurrent'), caches: { main: secrets } })
 */
export function recordSpans(options: SpansOptions): () => void {
  checkOptions('recordSpans', options, rules)
  for (const name of ['tracer', 'caches'] as const) {
    if (options[name] === undefined) throw new TypeError(`${name} must be ${rules[name](undefined)}.`)
  }
  const { tracer, caches } = options
  const endings = Object.entries(caches).map(([cacheName, cache]) => recordLoads(tracer, cacheName, cache))
  return () => {
    for (const end of endings) end()
  }
}

function recordLoads(tracer: TracerLike, cacheName: string, cache: object): () => void {
  const inside = insideOf(cache)
  if (inside === undefined) return () => {}
  const { context, loader } = inside
  const before = loader.around
  const around = (place: Place, run: () => Promise<Outcome>): Promise<Outcome> =>
    tracer.startActiveSpan('awscurrent.load', async span => {
      span.setAttribute('awscurrent.cache.name', cacheName)
      // Never rejects.
      const outcome = await (before === undefined ? run() : before(place, run))
      const { name, arn } = context.index.find(place)?.record ?? {}
      if (name !== undefined) span.setAttribute('awscurrent.secret.name', name)
      if (arn !== undefined) span.setAttribute('aws.secretsmanager.secret.arn', arn)
      describeOutcome(span, place, outcome)
      span.end()
      return outcome
    })
  loader.around = around
  return () => {
    if (loader.around === around) loader.around = before
  }
}

function describeOutcome(span: SpanLike, { selector }: Place, outcome: Outcome): void {
  if ('failure' in outcome) {
    span.setAttribute('error.type', outcome.failure.code)
    span.setStatus({ code: failed })
    return
  }
  span.setAttribute('awscurrent.version_id', outcome.held.versionId)
  // A response has confirmed it.
  if (selector.versionStage !== undefined) span.setAttribute('awscurrent.version_stage', selector.versionStage)
}
