import { type Channel, channel } from 'node:diagnostics_channel'
import { type ListenerOptions, type Listening, listen } from './listening.js'

/** Sends events to the listeners of a cache and to the subscribers of `diagnostics_channel`. */
export class Emitter<Event extends { readonly type: string }> {
  readonly #listeners = new Map<string, Set<(event: never) => unknown>>()
  readonly #channels: ReadonlyMap<string, Channel>

  constructor(types: readonly Event['type'][]) {
    this.#channels = new Map(types.map(type => [type, channel(`awscurrent:${type}`)]))
  }

  /** Adds a listener; the returned function removes it. */
  on<Type extends Event['type']>(
    type: Type,
    listener: (event: Extract<Event, { type: Type }>) => void,
    options?: ListenerOptions,
  ): Listening {
    if (!this.#channels.has(type))
      throw new TypeError(`Unknown event "${type}". Known events: ${[...this.#channels.keys()].join(', ')}.`)
    const listeners = this.#listeners.get(type) ?? new Set()
    this.#listeners.set(type, listeners)
    return listen(
      type,
      // `added` is a new function for each call, so a listener that is added twice is called twice and removed one at a time.
      added => {
        listeners.add(added)
        return () => listeners.delete(added)
      },
      listener,
      options,
    )
  }

  /** Sends an event to all listeners of its type. `describe` runs only if there are any. */
  emit<Type extends Event['type']>(type: Type, describe: () => Omit<Extract<Event, { type: Type }>, 'type'>): void {
    const listeners = this.#listeners.get(type)
    const published = this.#channels.get(type)
    if (!listeners?.size && !published?.hasSubscribers) return
    const event = Object.freeze({ type, ...describe() })
    published?.publish(event)
    for (const listener of [...(listeners ?? [])]) tell(listener, event)
  }
}

/** Calls a listener. An error in it does not reach the caller. */
export function tell(listener: (event: never) => unknown, event: unknown): void {
  try {
    const outcome = listener(event as never)
    if (isThenable(outcome)) outcome.then(undefined, surface)
  } catch (error) {
    surface(error)
  }
}

/**
 * An error in a listener must not break the load that the event is about. It becomes an uncaught exception, as in diagnostics_channel,
 * whether the listener throws or rejects.
 */
function surface(error: unknown): void {
  process.nextTick(() => {
    throw error
  })
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function'
}
