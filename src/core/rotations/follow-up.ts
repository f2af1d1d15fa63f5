import type { Entry } from '../entries/entry.js'
import type { Place } from '../entries/selector.js'
import type { LoadContext } from '../loads/load-context.js'
import type { Loader } from '../loads/loader.js'

/** Where nobody follows the secret, a reader or another delivery of the event mostly comes first. */
const leftToOthersMs = 5_000

/** The entries that a timer is set for: one will do, however many events have failed. */
const waiting = new WeakSet<Entry>()

/**
 * Reads a secret again, by its backoff, after the refresh for an event has failed: until a load has gone well, or it is held no more.
 *
 * Readers bring about loads, too. But the readers of pools and swaps come with new connections only, which may be hours away, and the
 * first reader of any other secret would still be given the old version.
 */
export function followUp(context: LoadContext, loader: Loader, place: Place): void {
  const { clock } = context
  const entry = needed(context, loader, place)
  if (entry?.trouble === undefined || waiting.has(entry)) return
  waiting.add(entry)
  const load = async (): Promise<void> => {
    waiting.delete(entry)
    if (needed(context, loader, place) === undefined) return
    await loader.join(place)?.outcome
    followUp(context, loader, place)
  }
  clock.setTimeout(() => void load(), Math.max(entry.isPinned ? 0 : leftToOthersMs, entry.trouble.retryAt - clock.now()))
}

/** The entry of a secret whose announced version no load has shown yet. */
function needed({ index }: LoadContext, { closing }: Loader, place: Place): Entry | undefined {
  const entry = index.find(place)
  return entry?.isAnnounced && !closing.aborted ? entry : undefined
}
