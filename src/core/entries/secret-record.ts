import type { SecretSettings } from '../options/settings.js'
import type { CompleteClock } from '../time/clock.js'
import { TokenBucket } from '../time/token-bucket.js'
import { Entry, type Selector } from './entry.js'

/** Forced loads of one secret: so many at once, then one a second. */
const forcedAtOnce = 5
const forcedEveryMs = 1_000

/** What the records of one cache share. */
export interface RecordContext {
  readonly clock: CompleteClock
  /** Of the stage that is read when a read names none. */
  readonly selector: Selector
}

/** One secret as the cache knows it; until an answer reveals its ARN, one id that somebody asked for. */
export class SecretRecord {
  /** The id it was first read by: the key of its entries and the `secretId` of its events. */
  readonly id: string
  name: string | undefined
  arn: string | undefined
  /** What a refresh sends: the name, once a reader used it. */
  refreshId: string | undefined
  /** Other ids that lead here since records were merged. */
  aliases: string[] | undefined
  /** Where to go on, if this turned out to be the same secret as another record. */
  mergedInto: SecretRecord | undefined
  settings: SecretSettings
  /** Loads with a sequence number up to this one began before the last invalidation. */
  invalidatedAt = 0
  /** False once it was deleted or merged: nothing is stored in it any more. */
  known = true

  readonly context: RecordContext
  #current: Entry | undefined
  #others: Map<string, Entry> | undefined
  #bucket: TokenBucket | undefined

  constructor(id: string, settings: SecretSettings, context: RecordContext) {
    this.id = id
    this.settings = settings
    this.context = context
  }

  /** The entry of a stage or version; without a selector, of the cache's own stage. */
  find(selector: Selector): Entry | undefined {
    const suffix = this.#suffixOf(selector)
    return suffix === '' ? this.#current : this.#others?.get(suffix)
  }

  /** As `find`, made if it is not there. */
  entry(selector: Selector): Entry {
    return this.find(selector) ?? this.#add(selector)
  }

  entries(): Entry[] {
    return [...(this.#current === undefined ? [] : [this.#current]), ...(this.#others?.values() ?? [])]
  }

  /** The current version has moved: what the other labels name may have moved with it. Versions read by id stay what they are. */
  currentMoved(sequence: number): void {
    for (const entry of this.entries()) {
      if (!entry.isCurrent && entry.selector.versionId === undefined) entry.invalidate(sequence)
    }
  }

  /** Drops an entry that nobody needs. Answers whether the record itself is now without any. */
  dropIfDisposable(entry: Entry): boolean {
    if (entry.disposable) {
      if (this.#current === entry) this.#current = undefined
      for (const [suffix, other] of this.#others ?? []) if (other === entry) this.#others?.delete(suffix)
    }
    return this.#current === undefined && (this.#others === undefined || this.#others.size === 0)
  }

  /** How long a forced load must wait for its turn. */
  takeTurn(): number {
    const now = this.context.clock.now()
    this.#bucket ??= new TokenBucket(forcedAtOnce, forcedEveryMs, now)
    return this.#bucket.take(now)
  }

  #add({ versionStage, versionId }: Selector): Entry {
    const suffix = this.#suffixOf({ versionStage, versionId })
    if (suffix === '') {
      this.#current = new Entry(this, this.context.selector)
      return this.#current
    }
    const selector: Selector = { ...(versionStage && { versionStage }), ...(versionId && { versionId }) }
    const entry = new Entry(this, selector)
    this.#others ??= new Map()
    this.#others.set(suffix, entry)
    return entry
  }

  /** Tells the entries of one secret apart. No label holds a line break. */
  #suffixOf({ versionStage, versionId }: Selector): string {
    if (versionId !== undefined) return `${versionStage ?? ''}\n${versionId}`
    return versionStage === undefined || versionStage === this.context.selector.versionStage ? '' : versionStage
  }
}
