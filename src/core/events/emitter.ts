import { type Channel, channel } from 'node:diagnostics_channel'
import { type ListenerOptions, type Listening, listen } from './listening.js'

/** Tells listeners of a cache, and the subscribers of `diagnostics_channel`, what happened. */
export class Emitter<Event extends { readonly type: string }> {
  readonly #listeners = new Map<string, Set<(event: never) => unknown>>()
  readonly #channels: ReadonlyMap<string, Channel>

  constructor(types: readonly Event['type'][]) {
    this.#channels = new Map(types.map(type => [type, channel(`awscurrent:${type}`)]))
  }

  /** Adds a listener; the function it returns removes it again. */
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
      // A function of its own, so that a listener added twice is called twice and removed once.
      added => {
        listeners.add(added)
        return () => listeners.delete(added)
      },
      listener,
      options,
    )
  }

  /** Tells everybody who asked for events of this type. `describe` runs only if somebody did. */
  emit<Type extends Event['type']>(type: Type, describe: () => Omit<Extract<Event, { type: Type }>, 'type'>): void {
    const listeners = this.#listeners.get(type)
    const published = this.#channels.get(type)
    if (!listeners?.size && !published?.hasSubscribers) return
    const event = Object.freeze({ type, ...describe() })
    published?.publish(event)
    for (const listener of [...(listeners ?? [])]) tell(listener, event)
  }
}

/** Calls a listener, whose faults are its own. */
export function tell(listener: (event: never) => unknown, event: unknown): void {
  try {
    const outcome = listener(event as never)
    if (isThenable(outcome)) outcome.then(undefined, surface)
  } catch (error) {
    surface(error)
  }
}

/**
 * A listener's fault must not break the load that it hears about. It surfaces as an uncaught exception, as in diagnostics_channel,
 * whether the listener throws at once or rejects later.
 */
function surface(error: unknown): void {
  process.nextTick(() => {
    throw error
  })
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function'
}
