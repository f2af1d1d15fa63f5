import { AsyncLocalStorage } from 'node:async_hooks'
import { tell } from '../core/events/emitter.js'

/** The listener of a subscriber. */
interface Listener<Next> {
  onNext(next: Next): void
}

/** A subscription to new credentials. */
export interface Subscription {
  /** Ends the subscription: the listener is not called again. Idempotent. */
  dispose(): void
}

/** What was sent to a subscriber. */
export interface Telling {
  readonly versionId: string
  /** Ends the subscription: its connection is gone. */
  end(): void
}

/**
 * The subscriptions to new credentials.
 *
 * node-redis subscribes with each connection and keeps only the last subscription, without having ended the one before. So a subscription
 * is kept here only as long as its subscriber keeps it.
 */
export class Subscriptions<Next> {
  readonly #live = new Map<number, WeakRef<Subscription & { readonly listener: Listener<Next> }>>()
  readonly #onEmpty: () => void
  /** node-redis reports a failure without saying which connection failed, but in the async context in which the credentials were sent. */
  readonly #tellings = new AsyncLocalStorage<Telling>()
  #last = 0

  constructor(onEmpty: () => void) {
    this.#onEmpty = onEmpty
  }

  add(listener: Listener<Next>): Subscription {
    this.#forgetLost()
    this.#last += 1
    const number = this.#last
    const subscription = { listener, dispose: () => this.#remove(number) }
    this.#live.set(number, new WeakRef(subscription))
    return subscription
  }

  tell(versionId: string, next: Next): void {
    for (const [number, subscription] of this.#live) {
      const listener = subscription.deref()?.listener
      const end = (): void => this.#remove(number)
      if (listener === undefined) end()
      else this.#tellings.run({ versionId, end }, () => tell(() => listener.onNext(next), next))
    }
  }

  /** What the failure that is being reported belongs to; undefined if that is not known. */
  get reported(): Telling | undefined {
    return this.#tellings.getStore()
  }

  #remove(number: number): void {
    if (!this.#live.delete(number)) return
    this.#forgetLost()
    if (this.#live.size === 0) this.#onEmpty()
  }

  /** Without new credentials, nothing else would find those that are gone. */
  #forgetLost(): void {
    for (const [number, subscription] of this.#live) if (subscription.deref() === undefined) this.#live.delete(number)
  }
}
