import type { CheckedOptions } from '../options/options.js'
import type { SecretSettings } from '../options/settings.js'
import { isPartialArnOf, isSameSecret, mayBeOfOne, partialArnOf, partialArnsOf } from '../secrets/secret-id.js'
import type { CompleteClock } from '../time/clock.js'
import { Entry, type SecretRecord } from './entry.js'
import { moveFollowers } from './followers.js'
import { KeptEntries } from './kept-entries.js'
import { accountOf, OwnAccount } from './own-account.js'
import { SecretIds } from './secret-ids.js'
import { type RecordContext, RecordOf } from './secret-record.js'
import type { Place } from './selector.js'

/** The secret that a response is about, and the id by which it was requested. */
export interface Identity {
  readonly arn: string
  readonly name: string
  /** The id that was sent. */
  readonly asked: string
  /** The account of the credentials, if known. */
  readonly ownAccount?: string | undefined
}

/** The part of the loads, a layer above, that the index needs. */
export interface LoadsUnderWay {
  /** Whether a load of this entry is under way. */
  isBusy(entry: Entry): boolean
  busy(): Iterable<Entry>
  /** Called when two entries have turned out to be of the same secret. */
  merged(from: Entry, into: Entry): void
}

/** Two entries that a response has shown to be of the same secret. */
export interface Merged {
  readonly entry: Entry
  /** The version that the entry that was merged into this one last held. */
  readonly lastVersionId: string | undefined
}

/**
 * The index of a cache: which secret an id leads to, in which order entries were used, and how many are kept.
 *
 * Which ids belong together is learned from responses, never guessed: another account may have a secret of the same name, and a name may
 * itself end in a hyphen and six characters.
 */
export class SecretIndex {
  readonly #options: CheckedOptions
  readonly #context: RecordContext<Entry>
  readonly #loads: LoadsUnderWay
  readonly #ownAccount: OwnAccount
  readonly #ids: SecretIds
  readonly #kept: KeptEntries
  /** Empty records that are kept for a while. */
  readonly #empty = new Set<SecretRecord>()
  #lastId: string | undefined
  #last: Entry | undefined
  #isClosed = false

  constructor(options: CheckedOptions, clock: CompleteClock, loads: LoadsUnderWay) {
    this.#options = options
    this.#context = {
      clock,
      selector: { versionStage: options.versionStage },
      newEntry: (record, selector) => new Entry(record, selector),
    }
    this.#loads = loads
    this.#ownAccount = new OwnAccount(options.allowedAccounts)
    this.#ids = new SecretIds(this.#ownAccount)
    this.#kept = new KeptEntries(options.maxEntries)
  }

  /** The selector of the default stage, which is read when a read names none. */
  get selector(): Place['selector'] {
    return this.#context.selector
  }

  get size(): number {
    return this.#kept.size
  }

  /** The fast path to the entry of the default stage, which it marks as used. */
  use(secretId: string): Entry | undefined {
    // The entry that was used last is already in the right place.
    if (secretId === this.#lastId) return this.#last
    const entry = this.#ids.get(secretId)?.current
    if (entry === undefined || this.#isClosed) return undefined
    this.#kept.touch(entry)
    this.#lastId = secretId
    this.#last = entry
    return entry
  }

  /** As `use`, without a change of the order. */
  peek(secretId: string): Entry | undefined {
    if (secretId === this.#lastId) return this.#last
    return this.#isClosed ? undefined : this.#ids.get(secretId)?.current
  }

  findRecord(secretId: string): SecretRecord | undefined {
    return this.#ids.find(secretId)
  }

  /** Whether a secret may be in an account, as far as is known: a plain name is in the account of the credentials. */
  mayBelongTo({ arn, id }: SecretRecord, account: string): boolean {
    const own = accountOf(arn ?? id) ?? this.#ownAccount.id
    return own === undefined || own === account
  }

  find({ secretId, selector }: Place): Entry | undefined {
    return this.#ids.find(secretId)?.find(selector)
  }

  /** As `find`, but creates a missing entry. Does not mark it as used. */
  entry({ secretId, selector }: Place): Entry {
    return this.#record(secretId).entry(selector)
  }

  /** As `entry`, for a reader. */
  entryToRead(place: Place): Entry {
    const record = this.#record(place.secretId)
    // A secret that is deleted and created again gets another ARN. So once a reader has used the name or partial ARN, refreshes use it too.
    if (place.secretId === record.name) record.refreshId = record.name
    else if (record.arn && isPartialArnOf(place.secretId, record.arn)) record.refreshId ??= place.secretId
    const entry = record.entry(place.selector)
    if (!entry.isEmpty) this.#kept.touch(entry)
    return entry
  }

  all(): SecretRecord[] {
    return [...this.#ids.all()]
  }

  /**
   * Learns which secret a response is about, and returns the record of that secret. Undefined if the requested id is no longer known.
   */
  identify(identity: Identity, merged: Merged[]): SecretRecord | undefined {
    const { arn, name, asked, ownAccount } = identity
    if (this.#isClosed) return undefined
    if (asked === name) this.learnAccount(arn, merged)
    else if (this.#ownAccount.learnFromCredentials(ownAccount)) this.#deriveAnew(merged)
    // Look it up only now: the name may have turned out to be of a secret that was read by its ARN.
    const record = this.#ids.find(asked)
    if (record === undefined) return undefined
    if (isSameSecret(record.arn, arn)) {
      // The ARN in the Region that responded last counts: the one before may have been a replica in its place.
      if (record.arn !== arn) record.arn = arn
      return record
    }
    this.#forgetLast()
    const home = this.#homeOf(record, identity, merged)
    this.#gather(home, merged)
    return home
  }

  /** Learns in which account a plain name was found. */
  learnAccount(arn: string, merged: Merged[]): void {
    if (this.#ownAccount.learnFromAnswer(arn)) this.#deriveAnew(merged)
  }

  /** The account of plain names, if a response or the credentials have shown it. */
  get ownAccount(): string | undefined {
    return this.#ownAccount.shown
  }

  /** Voids all loads that began up to `sequence`. Returns the records that the id may mean. */
  void(secretId: string, sequence: number): Set<SecretRecord> {
    const found = this.#ids.find(secretId)
    const records = new Set(found === undefined ? [] : [found])
    // A load by another id may be of this secret, until a response has shown which secret it is.
    for (const { record } of this.#loads.busy()) {
      if (record.arn === undefined && mayBeOfOne(record.id, secretId, this.#ownAccount.id)) records.add(record)
    }
    for (const record of records) record.voidUpTo = sequence
    return records
  }

  /** Makes the next read of any secret that the id may mean wait for a load that begins after `sequence`. */
  invalidate(secretId: string, sequence: number): void {
    for (const record of this.void(secretId, sequence)) for (const entry of record.entries()) entry.invalidate()
  }

  /** Puts an entry where it belongs after a change of its state, or drops it if it is empty. Returns the entries that were evicted for it. */
  settle(entry: Entry): Entry[] {
    if (this.#isClosed) return []
    this.#forgetLast()
    const evicted = this.#kept.place(entry)
    this.#release(entry)
    return evicted
  }

  /** Drops an entry that is empty now, and its record with the last entry. */
  #release(entry: Entry): void {
    const { record } = entry
    if (!entry.isEmpty || this.#loads.isBusy(entry)) return
    this.#forgetLast()
    record.drop(entry)
    if (!record.isEmpty) return
    if (record.isRecentAt(this.#context.clock.now())) this.#empty.add(record)
    else this.#ids.forget(record)
  }

  /** From now on, nothing is served and nothing stored; readers that already wait may still get the last known good value. */
  close(): void {
    this.#isClosed = true
    this.#forgetLast()
  }

  clear(): void {
    this.#ids.clear()
    this.#kept.clear()
    this.#empty.clear()
  }

  #record(secretId: string): SecretRecord {
    const record = this.#ids.get(secretId)
    if (record !== undefined) return record
    const known = this.#ids.find(secretId)
    if (known !== undefined) {
      this.#ids.lead(secretId, known)
      return known
    }
    this.#sweep()
    return this.#add(secretId)
  }

  #add(secretId: string): SecretRecord {
    const { perSecret, settings } = this.#options
    const record = new RecordOf<Entry>(secretId, perSecret.get(secretId) ?? settings, this.#context)
    this.#ids.lead(secretId, record)
    return record
  }

  /** The record from now on of a secret that was requested by an id of `record`. */
  #homeOf(record: SecretRecord, { arn, name, asked }: Identity, merged: Merged[]): SecretRecord {
    const known = this.#ids.findSecret(arn)
    if (isSameSecret(record.arn, asked)) {
      // The response to the full ARN of one secret is another secret. That says nothing about the other ids of the record.
      if (this.#ids.askedIdsOf(record).some(secretId => secretId !== asked)) {
        this.#ids.part(asked)
        const home = known ?? this.#add(asked)
        this.#ids.lead(asked, home)
        return this.#name(home, arn, name)
      }
    } else {
      this.#partFromOldArns(record)
    }
    if (known !== undefined) return this.#merge(record, known, merged)
    return this.#name(record, arn, name)
  }

  /** Merges the records of all ids of the secret that were requested or followed but have no response yet. */
  #gather(home: SecretRecord, merged: Merged[]): void {
    const { arn, name } = home
    if (arn === undefined || name === undefined) return
    for (const secretId of [arn, ...partialArnsOf(arn), ...(this.#ownAccount.owns(arn) ? [name] : [])]) {
      const other = this.#ids.get(secretId)
      if (other !== undefined && other.arn === undefined) this.#merge(other, home, merged)
    }
  }

  /** The secret was deleted and created again under its name: its old ARNs lead nowhere now. */
  #partFromOldArns(record: SecretRecord): void {
    for (const secretId of this.#ids.askedIdsOf(record)) if (isSameSecret(record.arn, secretId)) this.#ids.part(secretId)
  }

  #name(record: SecretRecord, arn: string, name: string): SecretRecord {
    this.#ids.removeDerived(record)
    record.arn = arn === record.id ? record.id : arn
    record.name = name === record.id ? record.id : name
    if (record.id === name) record.refreshId = name
    record.settings = this.#settingsOf(arn, name)
    this.#ids.addDerived(record)
    return record
  }

  #merge(from: SecretRecord, into: SecretRecord, merged: Merged[]): SecretRecord {
    this.#ids.removeDerived(from)
    for (const secretId of this.#ids.askedIdsOf(from)) this.#ids.lead(secretId, into)
    this.#ids.addDerived(into)
    into.voidUpTo = Math.max(into.voidUpTo, from.voidUpTo)
    into.movedUpTo = Math.max(into.movedUpTo, from.movedUpTo)
    if (into.name !== undefined && (from.id === into.name || from.aliases?.has(into.name))) into.refreshId = into.name
    for (const entry of from.entries()) {
      const home = into.entry(entry.selector)
      const { lastVersionId } = entry
      moveFollowers(entry, home)
      home.inherit(entry)
      this.#kept.place(entry)
      this.#loads.merged(entry, home)
      merged.push({ entry: home, lastVersionId })
      from.drop(entry)
    }
    for (const entry of into.entries()) entry.invalidateIfVoid()
    return into
  }

  /** Derives all keys again, because the account of plain names has just become known. */
  #deriveAnew(merged: Merged[]): void {
    this.#forgetLast()
    for (const record of this.#ids.all()) {
      this.#ids.removeDerived(record)
      this.#ids.addDerived(record)
    }
    for (const record of this.#ids.all()) this.#gather(record, merged)
  }

  /** The settings of one secret, by the most specific form of its id. */
  #settingsOf(arn: string, name: string): SecretSettings {
    const { perSecret, settings } = this.#options
    const byName = this.#ownAccount.owns(arn) ? perSecret.get(name) : undefined
    return perSecret.get(arn) ?? perSecret.get(partialArnOf(arn)) ?? byName ?? settings
  }

  /** Drops empty records that were kept long enough, the oldest first. */
  #sweep(): void {
    const now = this.#context.clock.now()
    for (const record of this.#empty) {
      if (record.isEmpty && record.isRecentAt(now)) return
      this.#empty.delete(record)
      if (record.isEmpty) this.#ids.forget(record)
    }
  }

  #forgetLast(): void {
    this.#lastId = undefined
    this.#last = undefined
  }
}
