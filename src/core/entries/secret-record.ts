import type { SecretSettings } from '../options/settings.js'
import type { CompleteClock } from '../time/clock.js'
import { TokenBucket } from '../time/token-bucket.js'
import type { Selector } from './selector.js'

/** Loads of one secret that no backoff holds back: so many at once, then one a second. */
const forcedAtOnce = 5
const forcedEveryMs = 1_000

/** What an entry is to its record. */
interface EntryOfRecord {
  readonly selector: Selector
  /** Whether its label may move when the version moves that is read when a read names no stage. */
  readonly followsCurrent: boolean
  invalidate(): void
}

/** What the records of one cache share. */
export interface RecordContext<Entry extends EntryOfRecord> {
  readonly clock: CompleteClock
  /** Of the stage that is read when a read names none. */
  readonly selector: Selector
  readonly newEntry: (record: RecordOf<Entry>, selector: Selector) => Entry
}

/** One secret as the cache knows it; until an answer reveals its ARN, one id that somebody asked for. */
export class RecordOf<Entry extends EntryOfRecord> {
  /** The id it was first read by: the `secretId` of its events. */
  readonly id: string
  name: string | undefined
  arn: string | undefined
  /** What a refresh sends: the name, once a reader used it, or else the partial ARN. */
  refreshId: string | undefined
  /** Other ids that lead here, or have led here. */
  aliases: Set<string> | undefined
  settings: SecretSettings
  /** Loads of all its entries up to this sequence number are void. */
  voidUpTo = 0
  /** Loads of other labels up to this one are void, also those whose secret was not yet known when the current version moved. */
  movedUpTo = 0

  readonly context: RecordContext<Entry>
  #current: Entry | undefined
  #others: Map<string, Entry> | undefined
  #bucket: TokenBucket | undefined
  /** Until when its bucket may lack a token. */
  #keptUntil = 0

  constructor(id: string, settings: SecretSettings, context: RecordContext<Entry>) {
    this.id = id
    this.settings = settings
    this.context = context
  }

  /** Of the cache's own stage. */
  get current(): Entry | undefined {
    return this.#current
  }

  /** The id that is sent for a reader who asked by another one. */
  idToSend(readAs: string = this.id): string {
    return this.refreshId ?? readAs
  }

  find(selector: Selector): Entry | undefined {
    const key = this.#keyOf(selector)
    return key === '' ? this.#current : this.#others?.get(key)
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

  /** Whether nothing would be lost without it. */
  get isEmpty(): boolean {
    return this.#current === undefined && !this.#others?.size
  }

  /** Whether it must be kept, though empty: a secret that is deleted and read in a loop is held back as any other. */
  isRecentAt(now: number): boolean {
    return now < this.#keptUntil
  }

  /** Whatever is read next draws from the bucket. */
  keepBucket(now: number): void {
    this.#keptUntil = now + forcedAtOnce * forcedEveryMs
  }

  /** How long a load must wait for its turn. */
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

  /** Tells the entries of one secret apart. No label holds a line break. */
  #keyOf({ versionStage, versionId }: Selector): string {
    if (versionId !== undefined) return `${versionStage ?? ''}\n${versionId}`
    return versionStage === undefined || versionStage === this.context.selector.versionStage ? '' : versionStage
  }
}
