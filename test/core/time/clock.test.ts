import { getEventListeners } from 'node:events'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { completeClock, sleep } from '../../../src/core/time/clock.js'
import { KeepAlive } from '../../../src/core/time/keep-alive.js'
import { SecretCache } from '../../../src/index.js'
import { ManualClock } from '../../../src/testing/index.js'
import { rejectionOf } from '../../support/rejection.js'

afterEach(() => vi.restoreAllMocks())

describe('the clock of the machine', () => {
  it('waits as long as a timer can where it is asked for longer, which would be no time at all', () => {
    const set = vi.spyOn(globalThis, 'setTimeout')
    completeClock(undefined).setTimeout(() => {}, 1e12)()
    expect(set).toHaveBeenCalledWith(expect.any(Function), 2 ** 31 - 1)
  })

  it('forgets a timer that is cancelled, also for a clock that has only the time', () => {
    const cleared = vi.spyOn(globalThis, 'clearTimeout')
    for (const clock of [undefined, { now: () => 0 }]) completeClock(clock).setTimeout(() => {}, 1_000)()
    expect(cleared).toHaveBeenCalledTimes(2)
  })
})

it('of a cache is the one that it was given, also for those who follow its secrets', () => {
  const clock = new ManualClock()
  const shown = new SecretCache({ clock }).clock
  clock.set(5_000)
  expect(shown.now()).toBe(5_000)
})

describe('the time that limits are measured by', () => {
  it("is the machine's, which nothing sets, for a clock that has only the wall time", () => {
    vi.spyOn(performance, 'now').mockReturnValue(5)
    for (const clock of [undefined, { now: () => 0 }]) expect(completeClock(clock).elapsedMs()).toBe(5)
  })

  it('is that of the timers where a clock has its own', () => {
    const timed = { now: () => 7, setTimeout: () => () => {} }
    expect(completeClock(timed).elapsedMs()).toBe(7)
    expect(completeClock({ ...timed, elapsedMs: () => 9 }).elapsedMs()).toBe(9)
  })
})

describe('sleep', () => {
  it('sets no timer for a signal that has aborted', async () => {
    const clock = new ManualClock()
    const { message } = await rejectionOf(sleep(clock, 1_000, AbortSignal.abort(new Error('enough'))))
    expect([message, clock.pending]).toEqual(['enough', 0])
  })

  it.each([
    ['in time', (clock: ManualClock) => clock.advance(1_000)],
    ['by its signal', async (_: ManualClock, stop: AbortController) => stop.abort(new Error('enough'))],
  ])('leaves neither a timer nor a listener behind when it ends %s', async (_, end) => {
    const clock = new ManualClock()
    const stop = new AbortController()
    const slept = sleep(clock, 1_000, stop.signal).catch(() => {})
    await end(clock, stop)
    await slept
    expect([clock.pending, getEventListeners(stop.signal, 'abort').length]).toEqual([0, 0])
  })
})

describe('what keeps the process alive', () => {
  const referencedTimers = (): number => process.getActiveResourcesInfo().filter(name => name === 'Timeout').length

  it('is one timer while anybody waits, and none when nobody does', async () => {
    const keepAlive = new KeepAlive()
    const before = referencedTimers()
    const counts: number[] = []
    const count = (): void => void counts.push(referencedTimers() - before)
    for (let times = 0; times < 2; times += 1) {
      await keepAlive.during(async () => {
        count()
        await keepAlive.during(async () => count())
        count()
      })
      count()
    }
    expect(counts).toEqual([1, 1, 1, 0, 1, 1, 1, 0])
  })
})
