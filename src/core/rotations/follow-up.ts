import type { Entry } from '../entries/entry.js'
import type { Place } from '../entries/selector.js'
import type { LoadContext } from '../loads/load-context.js'
import type { Announcement } from './announcement.js'

/** If nothing follows the secret, a reader or another delivery of the event usually causes a load within this time. */
const leftToOthersMs = 5_000

/** The failed events of each entry that has a timer: one timer per entry is enough. */
const waiting = new WeakMap<Entry, Announcement[]>()

/**
 * Retries a failed refresh for events with the backoff of the secret, until the cache holds the announced version or no longer holds the
 * secret.
 *
 * Reads cause loads too. But pools and swaps read only for new connections, which may be hours away, and the first read of any other secret
 * would still return the old version.
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
