import { durations, quotas } from './assumptions.mjs'
import { drawDuration, drawLag } from './random.mjs'

/** Answers are sent in steps of this: one timer for all of a step is what makes a large fleet affordable. */
const stepMs = 10

/** An error as the SDK throws it for an answer of the service. */
class ServiceError extends Error {
  constructor(name, status) {
    super(name)
    this.name = name
    this.$metadata = { httpStatusCode: status }
  }
}

/** Counts by the second of the simulation. */
class Meter {
  constructor(durationMs) {
    this.perSecond = new Array(Math.ceil(durationMs / 1_000) + 1).fill(0)
    this.total = 0
  }

  count(elapsedMs) {
    this.perSecond[Math.floor(elapsedMs / 1_000)] += 1
    this.total += 1
  }
}

/** What a request without an answer comes to. */
function untilAborted(signal) {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

/** A Secrets Manager with an account's quotas, an answer's latency, old answers after a rotation, and outages. */
export class SimulatedService {
  #clock
  #random
  #startedAt
  #outages
  #values
  #rotatedAt = Number.NEGATIVE_INFINITY
  #buckets
  /** What is to be answered, by the step at which it is. */
  #due = new Map()

  /** `values`: the versions of each secret by its name, the current one first. */
  constructor({ clock, random, durationMs, values, outages = [], limits = quotas }) {
    this.#clock = clock
    this.#random = random
    this.#startedAt = clock.now()
    this.#values = values
    this.#outages = outages
    this.#buckets = Object.fromEntries(
      Object.entries(limits).map(([operation, rate]) => [operation, { rate, tokens: rate, countedMs: 0 }]),
    )
    this.calls = new Meter(durationMs)
    this.batches = new Meter(durationMs)
    this.throttled = new Meter(durationMs)
    this.failed = new Meter(durationMs)
  }

  /** Moves AWSCURRENT of every secret to another version. */
  rotate(values) {
    this.#values = new Map([...values].map(([name, value]) => [name, [value, this.#values.get(name)[0]]]))
    this.#rotatedAt = this.#elapsedMs
  }

  /** As the client that a cache makes: it leaves further attempts to the cache. */
  source() {
    return {
      singleAttempt: true,
      get: ({ secretId }, { signal }) => this.#answer('GetSecretValue', this.calls, signal, () => this.#read(secretId)),
      getMany: (secretIds, { signal }) =>
        this.#answer('BatchGetSecretValue', this.batches, signal, () => ({
          values: secretIds.map(id => this.#read(id)),
          errors: [],
        })),
    }
  }

  get #elapsedMs() {
    return this.#clock.now() - this.#startedAt
  }

  #answer(operation, meter, signal, read) {
    const elapsedMs = this.#elapsedMs
    meter.count(elapsedMs)
    const outage = this.#outages.find(({ fromMs, toMs }) => fromMs <= elapsedMs && elapsedMs < toMs)
    if (outage !== undefined) this.failed.count(elapsedMs)
    if (outage?.hangs) return untilAborted(signal)
    const error = outage === undefined ? this.#refusal(operation, elapsedMs) : new ServiceError('InternalServiceError', 500)
    const answerMs = drawDuration(this.#random, error === undefined ? durations.answer : durations.refusal)
    return new Promise((resolve, reject) => {
      this.#after(answerMs, () => (error === undefined ? resolve(read()) : reject(error)))
    })
  }

  #after(ms, run) {
    const elapsedMs = this.#elapsedMs
    const step = Math.ceil((elapsedMs + ms) / stepMs)
    const others = this.#due.get(step)
    if (others !== undefined) {
      others.push(run)
      return
    }
    this.#due.set(step, [run])
    this.#clock.setTimeout(
      () => {
        const due = this.#due.get(step)
        this.#due.delete(step)
        for (const each of due) each()
      },
      step * stepMs - elapsedMs,
    )
  }

  #refusal(operation, elapsedMs) {
    if (this.#takeToken(operation, elapsedMs)) return undefined
    this.throttled.count(elapsedMs)
    return new ServiceError('ThrottlingException', 400)
  }

  /** The bucket holds what is granted for a second. */
  #takeToken(operation, elapsedMs) {
    const bucket = this.#buckets[operation]
    const refilled = ((elapsedMs - bucket.countedMs) / 1_000) * bucket.rate
    bucket.tokens = Math.min(bucket.rate, bucket.tokens + refilled)
    bucket.countedMs = elapsedMs
    if (bucket.tokens < 1) return false
    bucket.tokens -= 1
    return true
  }

  #read(secretId) {
    const [current, previous] = this.#values.get(secretId)
    const isOld = previous !== undefined && this.#elapsedMs - this.#rotatedAt < drawLag(this.#random, durations.oldAnswersMeanMs)
    return isOld ? previous : current
  }
}
