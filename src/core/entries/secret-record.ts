import type { SecretSettings } from '../options/settings.js'
import type { CompleteClock } from '../time/clock.js'
import { TokenBucket } from '../time/token-bucket.js'
import type { Selector } from './selector.js'

/** The limit for loads of one secret that no backoff delays: this many at once, then one a second. */
const forcedAtOnce = 5
const forcedEveryMs = 1_000

/** The part of an entry that its record uses. */
interface EntryOfRecord {
  readonly selector: Selector
  /** Whether its label may move when the default stage moves. */
  readonly followsCurrent: boolean
  invalidate(): void
}

/** What the records of one cache share. */
export interface RecordContext<Entry extends EntryOfRecord> {
  readonly clock: CompleteClock
  /** The selector of the default stage, which is read when a read names none. */
  readonly selector: Selector
  readonly newEntry: (record: RecordOf<Entry>, selector: Selector) => Entry
}

/** One secret as the cache knows it; until a response shows its ARN, one id that was requested. */
export class RecordOf<Entry extends EntryOfRecord> {
  /** The id by which it was first read: the `secretId` of its events. */
  readonly id: string
  name: string | undefined
  arn: string | undefined
  /** The id that a refresh sends: the name once a reader has used it, or else the partial ARN. */
  refreshId: string | undefined
  /** Other ids that lead or have led to this record. */
  aliases: Set<string> | undefined
  settings: SecretSettings
  /** Loads of all its entries up to this sequence number are void. */
  voidUpTo = 0
  /** Loads of other labels up to this number are void, also those whose secret was not yet known when the current version moved. */
  movedUpTo = 0

  readonly context: RecordContext<Entry>
  #current: Entry | undefined
  #others: Map<string, Entry> | undefined
  #bucket: TokenBucket | undefined
  /** Until when the bucket may lack a token. */
  #keptUntil = 0

  constructor(id: string, settings: SecretSettings, context: RecordContext<Entry>) {
    this.id = id
    this.settings = settings
    this.context = context
  }

  /** The entry of the default stage. */
  get current(): Entry | undefined {
    return this.#current
  }

  /** The id to send for a read by `readAs`. */
  idToSend(readAs: string = this.id): string {
    return this.refreshId ?? readAs
  }

  find(selector: Selector): Entry | undefined {
    const key = this.#keyOf(selector)
    return key === '' ? this.#current : this.#others?.get(key)
  }

  /** As `find`, but creates a missing entry. */
  entry(selector: Selector): Entry {
    return this.find(selector) ?? this.#add(selector)
  }

  entries(): Entry[] {
    return [...(this.#current === undefined ? [] : [this.#current]), ...(this.#others?.values() ?? [])]
  }

  /** Records that the current version has moved: other labels may have moved with it. Versions that are read by id do not change. */
  currentMoved(sequence: number): void {
    this.movedUpTo = sequence
    for (const entry of this.entries()) {
      if (entry.followsCurrent) entry.invalidate()
    }
  }

  drop(entry: Entry): void {
    if (this.#current === entry) this.#current = undefined
    const key = this.#keyOf(entry.selector)
    if (this.#others?.get(key) === entry) this.#others.delete(key)
  }

  /** Whether it can be dropped without any loss. */
  get isEmpty(): boolean {
    return this.#current === undefined && !this.#others?.size
  }

  /** Whether it must be kept although it is empty, so that the limit also holds for a secret that a loop deletes and reads. */
  isRecentAt(now: number): boolean {
    return now < this.#keptUntil
  }

  /** Keeps the record, so that the next read uses the same bucket. */
  keepBucket(now: number): void {
    this.#keptUntil = now + forcedAtOnce * forcedEveryMs
  }

  /** Takes a token and returns how long a load must wait for its turn. */
  takeTurn(now: number): number {
    this.#bucket ??= new TokenBucket(forcedAtOnce, forcedEveryMs, now)
    this.keepBucket(now)
    return this.#bucket.take(now)
  }

  #add(selector: Selector): Entry {
    const key = this.#keyOf(selector)
    if (key === '') {
      this.#current = this.context.newEntry(this, this.context.selector)
      return this.#current
    }
    const { versionStage, versionId } = selector
    const entry = this.context.newEntry(this, { ...(versionStage && { versionStage }), ...(versionId && { versionId }) })
    this.#others ??= new Map()
    this.#others.set(key, entry)
    return entry
  }

  /** The key of an entry within its record. A label contains no line break. */
  #keyOf({ versionStage, versionId }: Selector): string {
    if (versionId !== undefined) return `${versionStage ?? ''}\n${versionId}`
    return versionStage === undefined || versionStage === this.context.selector.versionStage ? '' : versionStage
  }
}
