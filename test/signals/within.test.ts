import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import { within } from '../../src/core/time/within.js'
import { ManualClock } from '../../src/testing/manual-clock.js'
import { rejectionOf } from '../support/rejection.js'

const never = () => new Promise<never>(() => {})

test('what takes too long is told to stop, and by what', async () => {
  const clock = new ManualClock()
  let told: AbortSignal | undefined
  const ended = rejectionOf(
    within(clock, 5_000, signal => {
      told = signal
      return never()
    }),
  )
  await clock.advance(5_000)
  expect(await ended).toMatchObject({ name: 'TimeoutError', message: 'No response within 5000 ms.' })
  expect(told?.reason).toBe(await ended)
})

test.each([
  ['before it begins', (stop: AbortController) => stop.abort(new Error('enough'))],
  ['while it runs', () => {}],
])('it ends with the reason of a signal that aborts %s', async (_, before) => {
  const stop = new AbortController()
  before(stop)
  const ended = rejectionOf(within(new ManualClock(), 5_000, never, stop.signal))
  stop.abort(new Error('enough'))
  expect((await ended).message).toBe('enough')
})

test('it leaves neither a timer nor a listener behind', async () => {
  const clock = new ManualClock()
  const { signal } = new AbortController()
  expect(await within(clock, 5_000, () => 'done', signal)).toBe('done')
  expect([clock.pending, getEventListeners(signal, 'abort').length]).toEqual([0, 0])
})
