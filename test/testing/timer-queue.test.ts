import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Timer, TimerQueue } from '../../src/testing/timer-queue.js'

const run = (): void => {}

/** Takes all out, in the order in which they come. */
function drain(queue: TimerQueue): Timer[] {
  const drained: Timer[] = []
  for (let timer = queue.next; timer !== undefined; timer = queue.next) {
    drained.push(timer)
    queue.remove(timer)
  }
  return drained
}

describe('TimerQueue', () => {
  it('hands out by due time, and what is due at one moment in the order of adding, whatever was taken out before', () => {
    const dueTimes = fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 50, maxLength: 200 })
    const removals = fc.array(fc.nat(), { maxLength: 40 })
    fc.assert(
      fc.property(dueTimes, removals, dueTimes, (early, removed, late) => {
        const queue = new TimerQueue()
        const kept = early.map(dueMs => queue.add(run, dueMs))
        for (const index of removed) queue.remove(kept.splice(index % kept.length, 1)[0] as Timer)
        kept.push(...late.map(dueMs => queue.add(run, dueMs)))
        expect(queue.size).toBe(kept.length)
        // Sorting keeps the order of equals.
        expect(drain(queue)).toEqual(kept.toSorted((one, other) => one.dueMs - other.dueMs))
      }),
    )
  })

  it('takes a timer out once only', () => {
    const queue = new TimerQueue()
    const other = queue.add(run, 1)
    const timer = queue.add(run, 2)
    queue.remove(timer)
    queue.remove(timer)
    expect(drain(queue)).toEqual([other])
  })
})
