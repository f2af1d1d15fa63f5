import type { CompleteClock } from '../core/time/clock.js'
import { within } from '../core/time/within.js'
import { RecentlyUsed } from '../signals/recently-used.js'
import type { SnsApi } from '../signals/sns-api.js'
import type { SnsSubscriptionMessage } from './sns-message.js'

/** SNS waits 15 s for a response. */
const confirmTimeoutMs = 10_000
const mostRemembered = 100

/** Confirms subscriptions through the API, once for each token; failures are not remembered. */
export class Confirmations {
  readonly #api: SnsApi
  readonly #clock: CompleteClock
  readonly #byToken = new RecentlyUsed<string, Promise<string>>(mostRemembered)

  constructor(api: SnsApi, clock: CompleteClock) {
    this.#api = api
    this.#clock = clock
  }

  /** Resolves with the ARN of the subscription; undefined for a token that was confirmed before. */
  async confirm({ TopicArn, Token }: SnsSubscriptionMessage): Promise<string | undefined> {
    const earlier = this.#byToken.get(Token)
    if (earlier !== undefined) {
      await earlier
      return undefined
    }
    const mine = within(this.#clock, confirmTimeoutMs, signal => this.#api.confirm(TopicArn, Token, signal))
    this.#byToken.set(Token, mine)
    try {
      return await mine
    } catch (error) {
      this.#byToken.delete(Token)
      throw error
    }
  }
}
