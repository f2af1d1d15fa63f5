import { context, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { BasicTracerProvider, InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished } from 'vitest'
import { SecretCache } from '../../src/index.js'
import { recordSpans, type SpansOptions } from '../../src/otel/index.js'
import { everythingVisibleIn } from '../support/doors.js'
import { clock, fake, useFake } from '../support/fake-cache.js'
import { rejectionOf } from '../support/rejection.js'

const id = 'prod/db'
const exporter = new InMemorySpanExporter()
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
const tracer: Tracer = provider.getTracer('awscurrent')

function recorded(): { cache: SecretCache; stop: () => void } {
  const cache = new SecretCache({ source: fake.source(), clock, ttlMs: 60_000, ttlJitter: 0 })
  const stop = recordSpans({ tracer, caches: { main: cache } })
  onTestFinished(stop)
  return { cache, stop }
}

function loads(): ReadableSpan[] {
  return exporter.getFinishedSpans().filter(({ name }) => name === 'awscurrent.load')
}

useFake({ [id]: 'one' })

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
})

beforeEach(() => exporter.reset())

afterAll(async () => {
  context.disable()
  await provider.shutdown()
})

it('a load is a child of the span of its caller, and a hit has none', async () => {
  const { cache } = recorded()
  const caller = await tracer.startActiveSpan('request', async span => {
    await cache.getSecretString(id)
    await cache.getSecretString(id)
    span.end()
    return span
  })
  const { arn, versionId } = await cache.getSecret(id)
  const [load, ...others] = loads()
  expect(others).toEqual([])
  expect(load?.parentSpanContext?.spanId).toBe(caller.spanContext().spanId)
  expect(load?.attributes).toEqual({
    'awscurrent.cache.name': 'main',
    'awscurrent.secret.name': id,
    'aws.secretsmanager.secret.arn': arn,
    'awscurrent.version_id': versionId,
    'awscurrent.version_stage': 'AWSCURRENT',
  })
})

it('what the source does is a child of the load', async () => {
  const source = fake.source()
  const cache = new SecretCache({
    clock,
    source: {
      get: (request, options) =>
        tracer.startActiveSpan('call', async span => {
          span.end()
          return source.get(request, options)
        }),
    },
  })
  onTestFinished(recordSpans({ tracer, caches: { main: cache } }))
  await cache.getSecretString(id)
  const call = exporter.getFinishedSpans().find(({ name }) => name === 'call')
  expect(call?.parentSpanContext?.spanId).toBe(loads()[0]?.spanContext().spanId)
})

it('a load that fails has the code of its error, and no id or label that no response has confirmed', async () => {
  const { cache } = recorded()
  await rejectionOf(cache.getSecretString('hunter2', { versionStage: 'hunter2-label' }))
  expect(loads()[0]?.status.code).toBe(SpanStatusCode.ERROR)
  expect(loads()[0]?.attributes).toEqual({ 'awscurrent.cache.name': 'main', 'error.type': 'ERR_SECRET_NOT_FOUND' })
  expect(everythingVisibleIn(loads()[0]?.attributes)).not.toContain('hunter2')
})

it('the loads of a warm-up are children of the span around it', async () => {
  fake.create('another', 'two')
  const { cache } = recorded()
  const caller = await tracer.startActiveSpan('start', async span => {
    await cache.warmup([id, 'another'])
    span.end()
    return span
  })
  expect(loads().map(load => load.parentSpanContext?.spanId)).toEqual(Array(2).fill(caller.spanContext().spanId))
})

it('ends when it is stopped', async () => {
  const { cache, stop } = recorded()
  stop()
  stop()
  expect(await cache.getSecretString(id)).toBe('one')
  expect(loads()).toEqual([])
})

it('harms nothing where no SDK has started', async () => {
  const cache = new SecretCache({ source: fake.source(), clock })
  onTestFinished(recordSpans({ tracer: trace.getTracer('awscurrent'), caches: { main: cache } }))
  expect(await cache.getSecretString(id)).toBe('one')
})

it.each<[string, unknown]>([
  ['tracer', {}],
  ['tracer', { tracer: {}, caches: {} }],
  ['caches', { tracer }],
  ['caches', { tracer, caches: {} }],
  ['caches', { tracer, caches: { main: {} } }],
])('a wrong option is a TypeError that names it: %s', (name, options) => {
  expect(() => recordSpans(options as SpansOptions)).toThrow(TypeError)
  expect(() => recordSpans(options as SpansOptions)).toThrow(name)
})
