import type { Entry } from '../entries/entry.js'
import type { Place } from '../entries/selector.js'
import type { LoadContext } from '../loads/load-context.js'
import type { Announcement } from './announcement.js'

/** Where nobody follows the secret, a reader or another delivery of the event mostly comes first. */
const leftToOthersMs = 5_000

/** What timers are set for: one for an entry will do, however many events have failed. */
const waiting = new WeakMap<Entry, Announcement[]>()

/**
 * Has a secret read again, by its backoff, after the refresh for events has failed: until it shows what they announce, or is held no more.
 *
 * Readers bring about loads, too. But the readers of pools and swaps come with new connections only, which may be hours away, and the
 * first reader of any other secret would still be given the old version.
 */
export function followUp(
  { clock, index }: LoadContext,
  closing: AbortSignal,
  { place, failed, retry }: { place: Place; failed: Announcement[]; retry: (failed: readonly Announcement[]) => void },
): void {
  const entry = index.find(place)
  if (entry === undefined || failed.length === 0 || closing.aborted) return
  const others = waiting.get(entry)
  if (others !== undefined) {
    others.push(...failed)
    return
  }
  waiting.set(entry, failed)
  const take = (): void => {
    waiting.delete(entry)
    if (index.find(place) !== undefined && !closing.aborted) retry(failed)
  }
  clock.setTimeout(take, Math.max(entry.isPinned ? 0 : leftToOthersMs, (entry.trouble?.retryAt ?? 0) - clock.now()))
}
