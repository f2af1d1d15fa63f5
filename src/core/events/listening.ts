import { onAbort } from '../time/on-abort.js'

/** What `on` takes beside the listener. */
export interface ListenerOptions {
  /** Removes the listener when it aborts. */
  signal?: AbortSignal | undefined
  /** Whether the listener is removed before it hears its first event. @default false */
  once?: boolean | undefined
}

/**
 * What `on` returns: a function that removes the listener, once or more often. With `using` the end of the block does it.
 *
 * @example
 * using listening = secrets.on('rotated', ({ secretId }) => console.info(`${secretId} has moved on`))
 */
export interface Listening extends Disposable {
  /** Removes the listener. */
  (): void
}

/** Adds a listener by `add`, which returns what removes it, for as long as the options say. */
export function listen<Event>(
  type: string,
  add: (listener: (event: Event) => unknown) => () => void,
  listener: (event: Event) => unknown,
  { signal, once = false }: ListenerOptions = {},
): Listening {
  if (typeof listener !== 'function') throw new TypeError(`The listener of "${type}" must be a function.`)
  if (signal?.aborted) return disposable(() => {})
  const remove = add(event => {
    if (once) stop()
    return listener(event)
  })
  const stop = (): void => {
    // A signal may outlive many listeners: it must not keep them.
    unbind?.()
    remove()
  }
  const unbind = signal && onAbort(signal, stop)
  return disposable(stop)
}

function disposable(stop: () => void): Listening {
  return Object.assign(() => stop(), { [Symbol.dispose]: stop })
}
