import { onAbort } from '../time/on-abort.js'

/** Options of `on`. */
export interface ListenerOptions {
  /** Removes the listener when it aborts. */
  signal?: AbortSignal | undefined
  /** Whether the listener is called for one event only. It is removed just before that call. @default false */
  once?: boolean | undefined
}

/**
 * The return value of `on`: a function that removes the listener. Further calls do nothing. With `using`, the end of the block removes it.
 *
 * @example
 * using listening = secrets.on('rotated', ({ secretId }) => console.info(`${secretId} has moved on`))
 */
export interface Listening extends Disposable {
  /** Removes the listener. */
  (): void
}

/** Adds a listener with `add`, which returns a function that removes it, and removes it as the options say. */
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
    // A signal may outlive many listeners and must not keep them in memory.
    unbind?.()
    remove()
  }
  const unbind = signal && onAbort(signal, stop)
  return disposable(stop)
}

function disposable(stop: () => void): Listening {
  return Object.assign(() => stop(), { [Symbol.dispose]: stop })
}
