import { AsyncLocalStorage } from 'node:async_hooks'
import type { RedisUser } from '../pools/redis-user.js'

/** What a client of node-redis passes to be told of new credentials. */
export interface CredentialsListener {
  /** Called with the credentials of a newer version: the client authenticates its open connection with them. */
  onNext(credentials: RedisUser): void
  /** There because node-redis has it; the provider tells failures by its events. */
  onError(error: Error): void
}

/** Ends a subscription. */
export interface Subscription {
  /** No more credentials are sent. May be called again. */
  dispose(): void
}

/** What a subscriber was told. */
export interface Telling {
  readonly versionId: string
  /** Ends the subscription: its connection is gone. */
  end(): void
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
  /** node-redis reports a failure without saying whose it is; the report runs in the context that the credentials were given in. */
  readonly #tellings = new AsyncLocalStorage<Telling>()
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

  tell(versionId: string, credentials: RedisUser): void {
    for (const [number, subscription] of this.#live) {
      const listener = subscription.deref()?.listener
      const end = (): void => this.#remove(number)
      if (listener === undefined) end()
      else this.#tellings.run({ versionId, end }, () => listener.onNext(credentials))
    }
  }

  /** What the failure that is being reported comes from; undefined if that cannot be told. */
  get reported(): Telling | undefined {
    return this.#tellings.getStore()
  }

  #remove(number: number): void {
    if (this.#live.delete(number) && this.#live.size === 0) this.#onEmpty()
  }
}
