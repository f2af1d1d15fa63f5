import type { Entry, SecretRecord } from '../entries/entry.js'
import type { Place } from '../entries/selector.js'
import type { ParsedEvent, RotationChange } from '../events/parsed-event.js'
import type { LoadContext } from '../loads/load-context.js'
import type { Loader } from '../loads/loader.js'
import type { CheckedOptions } from '../options/options.js'
import type { Announcement } from './announcement.js'
import { EventRefresh } from './event-refresh.js'
import { targetOf } from './event-target.js'
import { followUp } from './follow-up.js'
import { parseRotationEvents } from './parse-rotation-events.js'
import { RememberedEvents } from './remembered-events.js'
import { type RotationResult, result } from './rotation-result.js'

/** Even a single instance must not load a thousand secrets at the same moment. */
const shortestSpreadMs = 1_000

/** The times of events are truncated to the second. */
const eventTimeStepMs = 1_000

/** Turns events into refreshes. An event is only a hint: the response of the service decides. */
export class RotationListener {
  readonly #options: CheckedOptions
  readonly #context: LoadContext
  readonly #loader: Loader
  readonly #remembered = new RememberedEvents()
  readonly #refreshes = new Map<SecretRecord, EventRefresh>()
  /** The events that wait for their random moment within `refreshSpreadMs`. */
  readonly #scheduled = new Map<SecretRecord, RotationChange[]>()

  constructor(options: CheckedOptions, context: LoadContext, loader: Loader) {
    this.#options = options
    this.#context = context
    this.#loader = loader
  }

  /** Never rejects. */
  handle(payload: unknown): Promise<RotationResult[]> {
    const { versionStage } = this.#options
    const { keepAlive, parameters } = this.#context
    return keepAlive.during(() =>
      Promise.all(parseRotationEvents(payload, { versionStage, parameters }).map(event => this.#take(event))),
    )
  }

  /** Loads all kept secrets in the background, spread over time, because events may have been missed. */
  revalidate(): void {
    const { clock, index } = this.#context
    const spreadMs = Math.max(this.#options.refreshSpreadMs, shortestSpreadMs)
    const load = (place: Place): void => {
      clock.setTimeout(() => index.find(place) && this.#loader.join(place), Math.random() * spreadMs)
    }
    for (const record of index.all()) {
      for (const { held, selector } of record.entries()) {
        if (held !== undefined) load({ secretId: record.idToSend(), selector })
      }
    }
    // What these return may be from before an event that was missed.
    for (const { outcome, place } of this.#loader.running) void outcome.then(() => load(place))
  }

  async #take(event: ParsedEvent): Promise<RotationResult> {
    if (event.kind !== 'changed') return result(event.kind, event.reason, event.secretId)
    if (this.#remembered.has(event.eventId)) return result('ignored', 'delivered before', event.secretId)
    const record = targetOf(event, this.#context.index, this.#options)
    if (typeof record === 'string') return result('ignored', record, event.secretId)
    return this.#options.refreshSpreadMs > 0 ? this.#schedule(record, event) : this.#refresh(record, event)
  }

  #schedule(record: SecretRecord, event: RotationChange): RotationResult {
    const events = this.#scheduled.get(record)
    events?.push(event)
    if (events === undefined) {
      const place = this.#placeOf(record)
      this.#scheduled.set(record, [event])
      const run = (): void => this.#runScheduled(record, place)
      this.#context.clock.setTimeout(run, Math.random() * this.#options.refreshSpreadMs)
    }
    return result('scheduled', 'spread over the fleet', record.id)
  }

  #runScheduled(record: SecretRecord, place: Place): void {
    const events = this.#scheduled.get(record) as RotationChange[]
    this.#scheduled.delete(record)
    if (this.#loader.closing.aborted) return
    // A record that was evicted or deleted since is loaded all the same; one that was merged is found by the id that is sent.
    const { record: current } = this.#context.index.entry(place)
    for (const event of events) void this.#refresh(current, event)
  }

  async #refresh(record: SecretRecord, event: RotationChange): Promise<RotationResult> {
    const { versionId, cause, eventId } = event
    const { current, id } = record
    if (current === undefined) {
      // Only other stages are cached. A version that gets one label may lose or get others.
      record.currentMoved(this.#context.sequence.next())
      this.#remember([eventId])
      return result('refreshed', 'other stages expire', id)
    }
    const at = event.at === undefined ? undefined : this.#context.clock.atWall(event.at)
    const isLater = isLaterThan(current, at)
    // Other labels may have moved too, even if the cache already holds the version that the event names.
    if (isLater) record.currentMoved(this.#context.sequence.next())
    if (versionId !== undefined && current.isSettledOn(versionId)) {
      if (isLater) current.markMoved(at)
      this.#remember([eventId])
      return result('unchanged', 'already current', id, versionId)
    }
    // From now on, the held value is past its TTL until a load succeeds, whatever the outcome of the refresh.
    const sequence = this.#context.sequence.next()
    current.announce(sequence)
    const announcement = this.#refreshOf(record).add(event, { sequence, isLater, at })
    const { outcome, reason = cause, versionId: heldVersionId } = await announcement.ended
    return result(outcome, reason, id, heldVersionId)
  }

  #refreshOf(record: SecretRecord): EventRefresh {
    const underWay = this.#refreshes.get(record)
    if (underWay !== undefined) return underWay
    const { closing } = this.#loader
    const refresh = new EventRefresh(this.#context, this.#loader, {
      place: this.#placeOf(record),
      onEnded: ({ eventIds }, { outcome }) => {
        if (outcome !== 'rejected') this.#remember(eventIds)
      },
    })
    this.#refreshes.set(record, refresh)
    // The first load serves all events of this turn.
    void Promise.resolve()
      .then(() => refresh.run())
      .finally(() => {
        this.#refreshes.delete(record)
        const place = this.#placeOf(record)
        const retry = (failed: readonly Announcement[]): void => {
          this.#refreshOf(this.#context.index.entry(place).record).takeUp(failed)
        }
        followUp(this.#context, closing, { place, failed: refresh.failed, retry })
      })
    return refresh
  }

  #placeOf(record: SecretRecord): Place {
    return { secretId: record.idToSend(), selector: this.#context.index.selector }
  }

  #remember(eventIds: readonly (string | undefined)[]): void {
    for (const eventId of eventIds) if (eventId !== undefined) this.#remembered.add(eventId)
  }
}

/** Whether an event is later than the load of the held version, so that it cannot be about an earlier version. */
function isLaterThan({ held }: Entry, at: number | undefined): boolean {
  return held === undefined || Number(at) + eventTimeStepMs > held.loadedAt
}
