import type { Entry } from '../entries/entry.js'
import type { Place } from '../entries/selector.js'
import type { LoadContext } from '../loads/load-context.js'
import type { Loader } from '../loads/loader.js'

/**
 * Reads a followed secret again, by its backoff, after the refresh for an event has failed: until a load has gone well, or nobody
 * follows the secret any more.
 *
 * Readers bring about the loads of other secrets. Those of pools and swaps come with new connections only, which may be hours away.
 */
export function followUp(context: LoadContext, loader: Loader, place: Place): void {
  const { clock } = context
  const { trouble } = needed(context, loader, place) ?? {}
  if (trouble === undefined) return
  const load = async (): Promise<void> => {
    if (needed(context, loader, place) === undefined) return
    await loader.join(place)?.outcome
    followUp(context, loader, place)
  }
  clock.setTimeout(() => void load(), Math.max(0, trouble.retryAt - clock.now()))
}

/** The entry of a secret that is followed and whose announced version no load has shown yet. */
function needed({ index }: LoadContext, { closing }: Loader, place: Place): Entry | undefined {
  const entry = index.find(place)
  return entry?.isPinned && entry.isAnnounced && !closing.aborted ? entry : undefined
}
