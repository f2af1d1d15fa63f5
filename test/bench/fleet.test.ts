import { describe, expect, it } from 'vitest'
// @ts-expect-error: the benchmarks are plain JavaScript.
import * as model from '../../bench/fleet/model.mjs'
// @ts-expect-error: the benchmarks are plain JavaScript.
import { simulateFleet } from '../../bench/fleet/simulate.mjs'

const minuteMs = 60_000

/** The share by which a figure of the simulation is off the model's. */
function deviation(simulated: number, expected: number): number {
  return Math.abs(simulated / expected - 1)
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

describe('the model of a fleet', { timeout: 60_000 }, () => {
  it('counts the calls of caches by their TTL as real caches make them, wave by wave', async () => {
    const instances = 400
    const seconds = 1_800
    const { callsPerSecond } = await simulateFleet({ seed: 1, instances, durationMs: seconds * 1_000 })
    const expected = model.loadsEachSecond({}, seconds).map((share: number) => share * instances)
    expect(deviation(sum(callsPerSecond), sum(expected))).toBeLessThan(0.01)
    for (const from of [1, 300, 600, 900, 1_200, 1_500]) {
      const wave = sum(callsPerSecond.slice(from, from + 300))
      expect(deviation(wave, sum(expected.slice(from, from + 300)))).toBeLessThan(0.05)
    }
  })

  it('counts the calls of a month at the rate at which real caches come to make them', async () => {
    const settings = { ttlMs: minuteMs, ttlJitter: 0.5, readEveryMs: 5_000 }
    const { readEveryMs, ...cache } = settings
    const { calls } = await simulateFleet({ seed: 2, instances: 200, durationMs: 30 * minuteMs, readEveryMs, cache })
    expect(deviation(calls / 200, (model.loadsPerMonth(settings) * 30 * minuteMs) / model.monthMs)).toBeLessThan(0.03)
  })

  it('knows how long a rotation goes unnoticed without an event', async () => {
    const rotateAtMs = 10 * minuteMs
    const { staleFor } = await simulateFleet({ seed: 3, instances: 500, durationMs: 17 * minuteMs, rotateAtMs })
    const expectedMs = model.stalenessByTtl({}, rotateAtMs)
    expect(staleFor.unfinished).toBe(0)
    for (const part of [0.1, 0.5, 0.9])
      expect(Math.abs(staleFor.percentilesMs[part * 100] - expectedMs(part))).toBeLessThan(12_000)
    expect(staleFor.p99Ms).toBeLessThan(expectedMs(0.99) + 12_000)
  })

  it('knows how long it goes unnoticed with an event, and the calls that follow one', async () => {
    const instances = 1_000
    const spreadMs = 10_000
    const rotateAtMs = 2 * minuteMs
    const cache = { refreshSpreadMs: spreadMs }
    const scenario = { seed: 4, instances, durationMs: 3 * minuteMs, rotateAtMs, events: true, cache }
    const { callsPerSecond, staleFor } = await simulateFleet(scenario)
    const during = callsPerSecond.slice(124, 130)
    expect(deviation(sum(during) / during.length, (instances * 1_000) / spreadMs)).toBeLessThan(0.1)
    expect(staleFor.unfinished).toBe(0)
    // The event's way to SNS is drawn once for the rotation: it moves all alike, by seconds at most.
    const expectedMs = model.stalenessByEvent({ spreadMs })
    for (const part of [0.1, 0.5, 0.9])
      expect(Math.abs(staleFor.percentilesMs[part * 100] - expectedMs(part))).toBeLessThan(3_000)
  })

  it('names a spread that keeps the calls after an event under the share of the quota that was asked for', async () => {
    const scale = 100
    const instances = 1_000
    const spreadMs = model.spreadFor({ instances: instances * scale })
    const scenario = {
      seed: 5,
      instances,
      startOverMs: 4 * minuteMs,
      durationMs: 7 * minuteMs,
      rotateAtMs: 6 * minuteMs,
      events: true,
      cache: { refreshSpreadMs: spreadMs },
    }
    const { callsPerSecond } = await simulateFleet(scenario)
    const during = callsPerSecond.slice(364, 378)
    expect((sum(during) / during.length) * scale).toBeLessThan(5_500)
    expect((sum(during) / during.length) * scale).toBeGreaterThan(3_500)
    expect(model.callsPerSecondAfterEvent({ instances: instances * scale, spreadMs })).toBeCloseTo(5_000)
    expect(model.spreadFor({ instances: 2_000_000 })).toBe(Number.POSITIVE_INFINITY)
  })

  it('counts the calls of an outage, and none of them has to be one of a storm', async () => {
    const instances = 200
    const outage = { fromMs: 6 * minuteMs, toMs: 18 * minuteMs }
    const scenario = { seed: 6, instances, durationMs: 21 * minuteMs, outages: [outage] }
    const { callsPerSecond, failedReadsAfterStart, recoveredAfter } = await simulateFleet(scenario)
    const rate = model.callsPerSecondInOutage({ instances })
    const settled = callsPerSecond.slice(14 * 60, 18 * 60)
    expect(deviation(sum(settled) / settled.length, rate)).toBeLessThan(0.1)
    expect(Math.max(...callsPerSecond.slice(18 * 60))).toBeLessThan(3 * rate)
    expect(failedReadsAfterStart).toBe(0)
    expect(recoveredAfter.unfinished).toBe(0)
    expect(recoveredAfter.maxMs).toBeLessThan(minuteMs + 15_000)
  })

  it('bounds the start of a fleet from below', async () => {
    const limits = { GetSecretValue: 100, BatchGetSecretValue: 100 }
    const scenario = { seed: 7, instances: 600, durationMs: 2 * minuteMs, limits }
    const { readyAfter, throttled } = await simulateFleet(scenario)
    expect(throttled).toBeGreaterThan(0)
    expect(readyAfter.unfinished).toBe(0)
    expect(readyAfter.maxMs).toBeGreaterThan(model.shortestStartMs({ instances: 60_000 }))
  })

  it('costs what AWS asks for the strategies that people know', () => {
    const dollars = (loads: number): number => model.monthlyCost({ loads, transport: undefined }).dollars
    expect(dollars(10_000_000)).toBeCloseTo(50)
    expect(dollars(8_640)).toBeCloseTo(0.0432)
    const { requests, dollars: byQueue } = model.monthlyCost({ loads: 1, transport: 'queue' })
    expect(requests).toEqual({ secretsManager: 3, sqs: 133_926, sns: 4_323, snsHttp: 0, eventBridge: 1 })
    expect(byQueue).toBeCloseTo(0.0557, 4)
  })
})

describe('the simulation of a fleet', { timeout: 60_000 }, () => {
  const scenario = { instances: 50, durationMs: 10 * minuteMs, rotateAtMs: 5 * minuteMs, events: true, secrets: 2 }

  it('comes out the same for the same seed, and otherwise for another', async () => {
    const [first, again, other] = [
      await simulateFleet({ ...scenario, seed: 1 }),
      await simulateFleet({ ...scenario, seed: 1 }),
      await simulateFleet({ ...scenario, seed: 2 }),
    ]
    expect(again).toEqual(first)
    expect(other).not.toEqual(first)
  })

  it('leaves Math.random as it was', async () => {
    const { random } = Math
    await simulateFleet({ ...scenario, seed: 1 })
    expect(Math.random).toBe(random)
  })

  it('warms five secrets and more by batches, as the caches do', async () => {
    const { batches, calls } = await simulateFleet({ seed: 1, instances: 50, durationMs: minuteMs, secrets: 5 })
    expect(batches).toBe(50)
    expect(calls).toBe(0)
  })
})
