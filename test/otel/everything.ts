// The cache loads it with its first call. Loaded before, it takes no time of a test.
import '@aws-sdk/client-secrets-manager'
import { onTestFinished } from 'vitest'
import { type MeterLike, recordMetrics } from '../../src/otel/index.js'
import { createSnsHandler } from '../../src/sns/index.js'
import { setUp } from '../sqs/listening.js'
import { serviceException } from '../support/fake-queues.js'
import { rejectionOf } from '../support/rejection.js'
import { topicArn } from '../support/signed-messages.js'
import { type Swapped, swapped } from '../swap/swapped.js'

/** A swap in whose life everything happens that there is to record: a rotation with a window, a bad version, a denial, failing listeners. */
export async function recordEverything(meter: MeterLike): Promise<Swapped> {
  const scene = swapped({ tryPending: false })
  const { cache, call, clock, fake, rotate, server } = scene
  /** Pauses are drawn at random: lets time go by until the step is done. */
  async function through(step: Promise<unknown>): Promise<void> {
    let isDone = false
    const done = step.finally(() => {
      isDone = true
    })
    while (!isDone) await clock.advance(100)
    await done
  }
  const secrets = { main: ['key', 'never-loaded'] }
  onTestFinished(recordMetrics({ meter, caches: { main: cache }, secrets, clock }))
  await through(call())
  server.keys = new Set()
  const waiting = call()
  await clock.advance(3_000)
  server.keys.add('two')
  await through(Promise.all([rotate('two'), waiting]))
  await through(rotate('bad'))
  fake.inject({ error: 'AccessDeniedException', times: 1 })
  await through(rejectionOf(cache.refreshNow('key')))
  const { clock: queueClock, queues } = await setUp()
  queues.failNext('ReceiveMessage', serviceException('InternalError', 'try again', 'server'))
  queues.endPolls()
  await queueClock.advance(1_000)
  const handler = createSnsHandler(cache, { topicArns: [topicArn], clock })
  await handler.fetch(new Request('http://localhost/sns', { method: 'POST', body: 'no message' }))
  return scene
}
