import { SecretCache } from 'awscurrent'
import { FakeSecretsManager, ManualClock } from 'awscurrent/testing'
import { durations, subscribesPerSecond } from './assumptions.mjs'
import { drawDuration, seededRandom, withRandom } from './random.mjs'
import { SimulatedService } from './service.mjs'

const tickMs = 100
const topicArn = 'arn:aws:sns:eu-west-1:123456789012:secret-rotations'

/**
 * Runs a fleet of real caches on one manual clock and answers what the service and the readers saw.
 *
 * @param {object} scenario
 * @param {number} scenario.seed
 * @param {number} scenario.instances
 * @param {number} scenario.durationMs
 * @param {number} [scenario.readEveryMs] Each instance reads each secret so often.
 * @param {number} [scenario.startOverMs] The instances start evenly over this time; 0: all at once.
 * @param {object} [scenario.cache] Options of the caches.
 * @param {number} [scenario.secrets] Secrets of each instance; from two on it begins with `warmup`.
 * @param {number} [scenario.rotateAtMs] When AWSCURRENT of all secrets moves.
 * @param {boolean} [scenario.events] Whether each instance listens to a queue of its own.
 * @param {{ fromMs: number, toMs: number }[]} [scenario.outages]
 * @param {object} [scenario.limits] Quotas, if not those of AWS.
 */
export function simulateFleet(scenario) {
  const random = seededRandom(scenario.seed)
  return withRandom(random, () => new Fleet(scenario, random).run())
}

class Fleet {
  #scenario
  #random
  #clock = new ManualClock()
  #startedAt = this.#clock.now()
  #names
  #fake
  #service
  #caches
  /** When each instance started. */
  #startMs
  /** Milliseconds from an instance's start to its first good read; NaN until then. */
  #readyAfter
  /** Milliseconds from the end of the first outage to an instance's first load that went well; NaN until then. */
  #recoveredAfter
  /** Milliseconds from the rotation to an instance's first secret of the new version; NaN until then. */
  #staleFor
  #reads = 0
  #failedFirstReads = 0
  #failedReadsAfterStart = 0

  constructor(scenario, random) {
    const { instances, secrets = 1 } = scenario
    this.#scenario = { readEveryMs: 10_000, startOverMs: 0, cache: {}, events: false, outages: [], ...scenario }
    this.#random = random
    this.#names = Array.from({ length: secrets }, (_, n) => `prod/secret-${n}`)
    this.#fake = new FakeSecretsManager({
      clock: this.#clock,
      secrets: Object.fromEntries(this.#names.map(name => [name, 'first'])),
    })
    this.#startMs = new Float64Array(instances)
    this.#readyAfter = new Float64Array(instances).fill(Number.NaN)
    this.#recoveredAfter = new Float64Array(instances).fill(Number.NaN)
    this.#staleFor = new Float64Array(instances).fill(Number.NaN)
  }

  async run() {
    const { durationMs, instances, cache, outages, limits, rotateAtMs } = this.#scenario
    const values = new Map([...(await this.#values())].map(([name, value]) => [name, [value]]))
    this.#service = new SimulatedService({ clock: this.#clock, random: this.#random, durationMs, values, outages, limits })
    const source = this.#service.source()
    this.#caches = Array.from(
      { length: instances },
      () => new SecretCache({ source, clock: this.#clock, maxEntries: this.#names.length, ...cache }),
    )
    if (rotateAtMs !== undefined) this.#clock.setTimeout(() => this.#rotate(), rotateAtMs)
    this.#tick(0)
    await this.#clock.advance(durationMs)
    return this.#report()
  }

  /** What the service answers for each secret, as a source gives it. */
  async #values() {
    const { signal } = new AbortController()
    const source = this.#fake.source()
    return new Map(await Promise.all(this.#names.map(async secretId => [secretId, await source.get({ secretId }, { signal })])))
  }

  /** One timer for the whole fleet: starts those whose time has come, and reads for those whose turn it is. */
  #tick(index) {
    const { instances, readEveryMs, durationMs } = this.#scenario
    const turns = Math.round(readEveryMs / tickMs)
    const started = this.#startedBy(index)
    for (let n = this.#startedBy(index - 1); n < started; n += 1) this.#start(n)
    for (let n = index % turns; n < Math.min(started, instances); n += turns) this.#read(n)
    if (index * tickMs < durationMs) this.#clock.setTimeout(() => this.#tick(index + 1), tickMs)
  }

  #startedBy(index) {
    const { instances, startOverMs } = this.#scenario
    if (index < 0) return 0
    return startOverMs === 0 ? instances : Math.min(instances, Math.ceil((instances * (index + 1) * tickMs) / startOverMs))
  }

  #start(n) {
    const { events, instances } = this.#scenario
    const cache = this.#caches[n]
    this.#startMs[n] = this.#elapsedMs
    const stop = cache.on('rotated', () => {
      stop()
      this.#staleFor[n] = this.#elapsedMs - this.#scenario.rotateAtMs
    })
    if (this.#scenario.outages.length > 0) cache.on('loaded', () => this.#noteLoad(n))
    if (this.#names.length > 1) void this.#warm(n)
    else this.#read(n)
    // As listenToQueue: once the instance is subscribed, everything that is kept is read again.
    const subscribedAfterMs = this.#random() * (instances / subscribesPerSecond) * 1_000
    if (events) this.#clock.setTimeout(() => cache.revalidate(), subscribedAfterMs)
  }

  async #warm(n) {
    const report = await this.#caches[n].warmup(this.#names)
    if (report.every(({ outcome }) => outcome !== 'failed')) this.#noteReady(n)
    else this.#failedFirstReads += 1
  }

  #noteLoad(n) {
    const sinceMs = this.#elapsedMs - this.#scenario.outages[0].toMs
    if (sinceMs >= 0 && Number.isNaN(this.#recoveredAfter[n])) this.#recoveredAfter[n] = sinceMs
  }

  #read(n) {
    for (const name of this.#names) {
      this.#reads += 1
      const read = this.#caches[n].getSecretString(name)
      if (Number.isNaN(this.#readyAfter[n])) void this.#firstRead(n, read)
      else read.catch(() => (this.#failedReadsAfterStart += 1))
    }
  }

  async #firstRead(n, read) {
    try {
      await read
      this.#noteReady(n)
    } catch {
      this.#failedFirstReads += 1
    }
  }

  #noteReady(n) {
    if (Number.isNaN(this.#readyAfter[n])) this.#readyAfter[n] = this.#elapsedMs - this.#startMs[n]
  }

  async #rotate() {
    const events = this.#names.map(name => this.#fake.rotate(name, 'second'))
    this.#service.rotate(await this.#values())
    if (!this.#scenario.events) return
    const publishedAfterMs = drawDuration(this.#random, durations.eventBridge)
    for (const event of events) {
      const Body = JSON.stringify({
        Type: 'Notification',
        TopicArn: topicArn,
        MessageId: event.id,
        Message: JSON.stringify(event),
      })
      for (const cache of this.#caches) {
        const deliveredAfterMs = publishedAfterMs + drawDuration(this.#random, durations.queue)
        this.#clock.setTimeout(() => void this.#deliver(cache, { MessageId: event.id, Body }), deliveredAfterMs)
      }
    }
  }

  /** As the listener of a queue: what failed in passing is not deleted, and comes again. */
  async #deliver(cache, message) {
    const results = await cache.handleRotationEvent(message)
    if (results.every(({ outcome }) => outcome !== 'rejected')) return
    this.#clock.setTimeout(() => void this.#deliver(cache, message), durations.visibilityMs)
  }

  get #elapsedMs() {
    return this.#clock.now() - this.#startedAt
  }

  #report() {
    const { calls, batches, throttled, failed } = this.#service
    return {
      calls: calls.total,
      batches: batches.total,
      throttled: throttled.total,
      failed: failed.total,
      callsPerSecond: calls.perSecond,
      throttledPerSecond: throttled.perSecond,
      failedPerSecond: failed.perSecond,
      reads: this.#reads,
      failedFirstReads: this.#failedFirstReads,
      failedReadsAfterStart: this.#failedReadsAfterStart,
      readyAfter: spread(this.#readyAfter),
      staleFor: this.#scenario.rotateAtMs === undefined ? undefined : spread(this.#staleFor),
      recoveredAfter: this.#scenario.outages.length === 0 ? undefined : spread(this.#recoveredAfter),
    }
  }
}

/** The percentiles of durations, and how many never ended. */
function spread(durationsMs) {
  const ended = durationsMs.filter(ms => !Number.isNaN(ms)).sort()
  const at = part => ended[Math.min(ended.length - 1, Math.floor(ended.length * part))]
  return {
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    maxMs: ended.at(-1),
    unfinished: durationsMs.length - ended.length,
    percentilesMs: Array.from({ length: 101 }, (_, percent) => at(percent / 100)),
  }
}
