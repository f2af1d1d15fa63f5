import type { CompleteClock } from '../core/time/clock.js'
import { type BoundedCall, boundedCalls } from '../signals/bounded-calls.js'
import { codedFailure } from '../signals/call-failure.js'
import type { SnsApi } from '../signals/sns-api.js'

/** The subscriptions of one URL to the topics of a handler. */
export class Subscriptions {
  readonly #topicArns: readonly string[]
  readonly #api: SnsApi
  readonly #bounded: BoundedCall
  readonly #made = new Set<string>()

  constructor(topicArns: readonly string[], api: SnsApi, clock: CompleteClock) {
    this.#topicArns = [...topicArns]
    this.#api = api
    this.#bounded = boundedCalls(clock)
  }

  async subscribe(endpoint: string): Promise<string[]> {
    const protocol = protocolOf(endpoint)
    const arns: string[] = []
    for (const topicArn of this.#topicArns) {
      const subscription = { topicArn, protocol, endpoint }
      const arn = await this.#call(`Subscribe to ${topicArn}`, signal => this.#api.subscribe(subscription, signal))
      this.#made.add(arn)
      arns.push(arn)
    }
    return arns
  }

  /** Tries all of them, then rejects with the first failure. The next call retries those that could not be ended. */
  async unsubscribe(): Promise<void> {
    const outcomes = await Promise.allSettled([...this.#made].map(arn => this.#end(arn)))
    this.#api.close()
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
  }

  async #end(arn: string): Promise<void> {
    await this.#call(`Unsubscribe of ${arn}`, signal => this.#api.unsubscribe(arn, signal))
    this.#made.delete(arn)
  }

  async #call<T>(what: string, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    try {
      return await this.#bounded(run)
    } catch (error) {
      throw codedFailure(what, error)
    }
  }
}

function protocolOf(endpoint: unknown): 'http' | 'https' {
  const scheme = typeof endpoint === 'string' && URL.canParse(endpoint) ? new URL(endpoint).protocol : ''
  if (scheme !== 'http:' && scheme !== 'https:') throw new TypeError('endpoint must be an http or https URL.')
  return scheme === 'https:' ? 'https' : 'http'
}
