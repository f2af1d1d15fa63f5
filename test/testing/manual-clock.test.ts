import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { completeClock, sleep } from '../../src/core/time/clock.js'
import { ManualClock } from '../../src/testing/index.js'

describe('ManualClock', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  it('stands still until it is advanced', async () => {
    const clock = new ManualClock(1_000)
    await turn()
    expect(clock.now()).toBe(1_000)
    await clock.advance(250)
    expect(clock.now()).toBe(1_250)
  })

  it('fires what is due, in the order of the due times, and nothing else', async () => {
    const clock = new ManualClock()
    const fired: string[] = []
    clock.setTimeout(() => fired.push('later'), 300)
    clock.setTimeout(() => fired.push('second'), 200)
    clock.setTimeout(() => fired.push('first'), 100)
    clock.setTimeout(() => fired.push('third'), 200)
    await clock.advance(200)
    expect(fired).toEqual(['first', 'second', 'third'])
    expect(clock.pending).toBe(1)
  })

  it('shows a timer its own due time as now', async () => {
    const clock = new ManualClock(0)
    const seen: number[] = []
    clock.setTimeout(() => seen.push(clock.now()), 100)
    clock.setTimeout(() => seen.push(clock.now()), 150)
    await clock.advance(500)
    expect(seen).toEqual([100, 150])
  })

  it('fires timers that were set on the way, if they fall due on the way', async () => {
    const clock = new ManualClock(0)
    const seen: number[] = []
    const again = (): void => {
      seen.push(clock.now())
      clock.setTimeout(again, 100)
    }
    clock.setTimeout(again, 100)
    await clock.advance(350)
    expect(seen).toEqual([100, 200, 300])
  })

  it('lets a chain of promises and turns settle before the next timer fires', async () => {
    const clock = new ManualClock(0)
    const order: string[] = []
    clock.setTimeout(async () => {
      for (let step = 0; step < 50; step += 1) await Promise.resolve()
      await turn()
      order.push('chain of the first')
    }, 100)
    clock.setTimeout(() => order.push('second'), 101)
    await clock.advance(200)
    expect(order).toEqual(['chain of the first', 'second'])
  })

  it('lets what was going on before it is advanced set its timers at the old time', async () => {
    const clock = new ManualClock(0)
    const seen: number[] = []
    void Promise.resolve().then(() => clock.setTimeout(() => seen.push(clock.now()), 50))
    await clock.advance(60)
    expect(seen).toEqual([50])
  })

  it('does not fire a cancelled timer', async () => {
    const clock = new ManualClock()
    const run = vi.fn()
    const cancel = clock.setTimeout(run, 10)
    cancel()
    cancel()
    await clock.advance(20)
    expect(run).not.toHaveBeenCalled()
    expect(clock.pending).toBe(0)
  })

  it('advances by 0 to fire what is due now', async () => {
    const clock = new ManualClock()
    const run = vi.fn()
    clock.setTimeout(run, 0)
    expect(run).not.toHaveBeenCalled()
    await clock.advance(0)
    expect(run).toHaveBeenCalledOnce()
  })

  it('jumps to another wall time without firing a timer, which keeps the time it had left', async () => {
    const clock = new ManualClock(1_000_000)
    const run = vi.fn()
    clock.setTimeout(run, 100)
    clock.set(5_000_000)
    expect(clock.now()).toBe(5_000_000)
    await clock.advance(99)
    expect(run).not.toHaveBeenCalled()
    await clock.advance(1)
    expect(run).toHaveBeenCalledOnce()
    expect(clock.now()).toBe(5_000_100)
  })

  it('can be set back', () => {
    const clock = new ManualClock(1_000)
    clock.set(400)
    expect(clock.now()).toBe(400)
  })

  it('is a whole clock for the cache', async () => {
    const clock = new ManualClock(0)
    const sleeping = sleep(completeClock(clock), 1_000, new AbortController().signal).then(() => clock.now())
    await clock.advance(1_000)
    expect(await sleeping).toBe(1_000)
  })

  it('rejects with what a timer throws', async () => {
    const clock = new ManualClock()
    clock.setTimeout(() => {
      throw new Error('from the timer')
    }, 1)
    await expect(clock.advance(1)).rejects.toThrow('from the timer')
  })

  it('tells of a timer that sets itself again at once, instead of hanging the test', async () => {
    const clock = new ManualClock()
    const again = (): void => {
      clock.setTimeout(again, 0)
    }
    again()
    await expect(clock.advance(1)).rejects.toThrow('does one set itself again at once?')
  }, 60_000)

  it('goes on while a library has replaced the global timers', async () => {
    vi.useFakeTimers()
    const clock = new ManualClock(0)
    const run = vi.fn()
    clock.setTimeout(run, 100)
    await clock.advance(100)
    expect(run).toHaveBeenCalledOnce()
  })

  it.each([
    ['a start that is no number', () => new ManualClock(Number.NaN)],
    ['a timer of NaN milliseconds', () => new ManualClock().setTimeout(() => {}, Number.NaN)],
    ['an endless wall time', () => new ManualClock().set(Number.POSITIVE_INFINITY)],
  ])('refuses %s', (_, act) => {
    expect(act).toThrow(TypeError)
  })

  it.each([-1, Number.NaN])('refuses to advance by %d', async ms => {
    await expect(new ManualClock().advance(ms)).rejects.toThrow(TypeError)
  })
})
