import { subscribe, unsubscribe } from 'node:diagnostics_channel'

/** Subscribes to the channels of these types of events; the returned function ends that. */
export function subscribeTo(listeners: Readonly<Record<string, (event: never) => void>>): () => void {
  const guarded = Object.entries(listeners).map(([type, listener]) => [`awscurrent:${type}`, harmless(listener)] as const)
  for (const [name, listener] of guarded) subscribe(name, listener)
  return () => {
    for (const [name, listener] of guarded) unsubscribe(name, listener)
  }
}

/** An error of an instrument must not end the process, as an error in a subscriber of a channel does. */
function harmless(run: (event: never) => void): (message: unknown) => void {
  return message => {
    try {
      run(message as never)
    } catch {
      process.emitWarning('An instrument threw an exception: the metrics are incomplete.', { code: 'AWSCURRENT_OTEL' })
    }
  }
}
