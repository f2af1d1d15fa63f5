// The closed model: what a fleet of any size does in any time, by arithmetic. A test holds it to the simulation.
import { durations, prices, quotas } from './assumptions.mjs'

const stepMs = 1_000
const dayMs = 86_400_000
export const monthMs = 30 * dayMs

const defaults = { ttlMs: 300_000, ttlJitter: 0.2, readEveryMs: 10_000 }

/** The mean time between two loads of a secret by one instance: the drawn TTL, and what is left until the next read. */
export function meanCycleMs(settings = {}) {
  const { ttlMs, ttlJitter, readEveryMs } = { ...defaults, ...settings }
  return ttlMs * (1 - ttlJitter / 2) + readEveryMs / 2
}

/** The loads of an instance in a month, by its TTL alone. */
export function loadsPerMonth(settings) {
  return monthMs / meanCycleMs(settings)
}

/**
 * The share of a fleet that loads in each second after all of it loaded at once: waves, which the jitter flattens. Each load brings the
 * next after the time of one cycle, so the density is the sum of those of the first, second, third … load.
 */
export function loadsEachSecond(settings, seconds) {
  const cycle = cycleDensity(settings)
  const loads = new Array(seconds).fill(0)
  loads[0] = 1
  for (let at = 1; at < seconds; at += 1) {
    for (let cycleSteps = 1; cycleSteps <= Math.min(at, cycle.length - 1); cycleSteps += 1) {
      loads[at] += loads[at - cycleSteps] * cycle[cycleSteps]
    }
  }
  return loads
}

/**
 * For how long instances serve the version before a rotation that no event tells them of: a function from a part of the fleet to
 * milliseconds. The rotation comes `rotatedAfterMs` after all have loaded at once.
 */
export function stalenessByTtl(settings, rotatedAfterMs) {
  const rotatedAt = Math.round(rotatedAfterMs / stepMs)
  const cycle = cycleDensity(settings)
  const loads = loadsEachSecond(settings, rotatedAt + 1)
  const nextLoad = new Array(cycle.length).fill(0)
  loads.forEach((share, at) => {
    for (let next = Math.max(1, rotatedAt - at + 1); next < cycle.length; next += 1)
      nextLoad[at + next - rotatedAt] += share * cycle[next]
  })
  return quantileOf(nextLoad)
}

/** The same with an event in the queue of each instance: the two ways of the event, the spread, a call. The parts are taken as independent. */
export function stalenessByEvent({ spreadMs, publishedAfterMs = durations.eventBridge.medianMs }) {
  return part => publishedAfterMs + durations.queue.medianMs + part * spreadMs + durations.answer.medianMs
}

/** Calls a second while the refreshes after an event go on, beside the loads by the TTL. For a spread of some seconds. */
export function callsPerSecondAfterEvent({ instances, secrets = 1, spreadMs, ...settings }) {
  return instances * secrets * (1_000 / spreadMs + 1_000 / meanCycleMs(settings))
}

/** The shortest spread that keeps the calls after an event under a share of the quota; Infinity where the TTL alone takes it up. */
export function spreadFor({ instances, secrets = 1, share = 0.5, ...settings }) {
  const free = quotas.GetSecretValue * share - (instances * secrets * 1_000) / meanCycleMs(settings)
  return free > 0 ? (instances * secrets * 1_000) / free : Number.POSITIVE_INFINITY
}

/** Calls a second in the middle of an outage: the pauses have grown to between half a minute and one, and end with a read. */
export function callsPerSecondInOutage({ instances, secrets = 1, readEveryMs = defaults.readEveryMs }) {
  return (instances * secrets * 1_000) / (45_000 + readEveryMs / 2)
}

/** The least time until all of a fleet that starts at once can have its secrets: what a second grants is granted at once. */
export function shortestStartMs({ instances, secrets = 1 }) {
  return Math.max(0, (instances * secrets) / quotas.GetSecretValue - 1) * 1_000
}

/**
 * What a strategy costs a month: requests by service, and dollars.
 *
 * `loads` of each instance and secret by the strategy itself; each rotation adds one where events tell of it. `queue`: an own queue of each
 * instance, with its polls every 20 s, its heartbeat every ten minutes, its making and its removal; when it is subscribed, everything is
 * loaded once more. `http`: one delivery by SNS for each instance and rotation.
 */
export function monthlyCost({ loads, instances = 1, rotations = 1, transport }) {
  const hears = transport === undefined ? 0 : 1
  const isQueue = transport === 'queue' ? 1 : 0
  const beats = monthMs / 600_000
  const requests = {
    secretsManager: instances * (loads + hears * rotations + isQueue),
    sqs: isQueue * instances * (monthMs / 20_000 + beats + 2 * rotations + 4),
    // EventBridge publishes once for the whole fleet.
    sns: hears * rotations + isQueue * instances * (beats + 2),
    snsHttp: transport === 'http' ? instances * rotations : 0,
    eventBridge: hears * rotations,
  }
  const dollars =
    requests.secretsManager * prices.secretsManagerCall +
    requests.sqs * prices.sqsRequest +
    requests.sns * prices.snsRequest +
    requests.snsHttp * prices.snsHttpDelivery +
    requests.eventBridge * prices.eventBridgeEvent
  return { requests, dollars }
}

/** The density of the time between two loads, in steps of a second: an even draw of the TTL, and an even wait for the next read. */
function cycleDensity(settings = {}) {
  const { ttlMs, ttlJitter, readEveryMs } = { ...defaults, ...settings }
  const density = new Array(Math.ceil((ttlMs + readEveryMs) / stepMs) + 2).fill(0)
  const parts = 60
  for (let ttlPart = 0; ttlPart < parts; ttlPart += 1) {
    for (let waitPart = 0; waitPart < parts; waitPart += 1) {
      const drawnMs = ttlMs * (1 - (ttlJitter * (ttlPart + 0.5)) / parts)
      const waitMs = (readEveryMs * (waitPart + 0.5)) / parts
      density[Math.round((drawnMs + waitMs) / stepMs)] += 1 / parts ** 2
    }
  }
  return density
}

/** The time, in milliseconds, by which a part of all has come. */
function quantileOf(density) {
  return part => {
    let come = 0
    const step = density.findIndex(share => {
      come += share
      return come >= part - 1e-9
    })
    return step * stepMs
  }
}
