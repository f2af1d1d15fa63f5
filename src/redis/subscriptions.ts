import type { RedisUser } from './redis-user.js'

/** What a client of node-redis passes to be told of new credentials. */
export interface CredentialsListener {
  onNext(credentials: RedisUser): void
  onError(error: Error): void
}

/** Ends a subscription. */
export interface Subscription {
  dispose(): void
}

/**
 * Those who want to know of new credentials.
 *
 * node-redis subscribes with each connection and keeps the last subscription only, without having ended the one before. So a
 * subscription lives here for as long as its subscriber keeps it, and no longer.
 */
export class Subscriptions {
  readonly #live = new Map<number, WeakRef<Subscription & { readonly listener: CredentialsListener }>>()
  readonly #onEmpty: () => void
  #last = 0

  constructor(onEmpty: () => void) {
    this.#onEmpty = onEmpty
  }

  add(listener: CredentialsListener): Subscription {
    this.#last += 1
    const number = this.#last
    const subscription = { listener, dispose: () => this.#remove(number) }
    this.#live.set(number, new WeakRef(subscription))
    return subscription
  }

  tell(credentials: RedisUser): void {
    for (const [number, subscription] of this.#live) {
      const listener = subscription.deref()?.listener
      if (listener === undefined) this.#remove(number)
      else listener.onNext(credentials)
    }
  }

  #remove(number: number): void {
    if (this.#live.delete(number) && this.#live.size === 0) this.#onEmpty()
  }
}
