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

/** What an answer says of whose it is. */
export interface Identity {
  readonly arn: string
  readonly name: string
  /** The id that was sent. */
  readonly asked: string
  /** The account of the credentials, if they tell it. */
  readonly ownAccount?: string | undefined
}

/** What the index has to know of the loads above it. */
export interface LoadsUnderWay {
  /** Whether a load of this entry is under way. */
  isBusy(entry: Entry): boolean
  busy(): Iterable<Entry>
  /** Two entries have turned out to be one. */
  merged(from: Entry, into: Entry): void
}

/** Two entries that an answer has shown to be one secret's. */
export interface Merged {
  readonly entry: Entry
  /** What the one that is no more has last held. */
  readonly lastVersionId: string | undefined
}

/**
 * The one index of a cache: which secret an id leads to, in which order entries were used, and how many are kept.
 *
 * Which ids belong together is learned from answers, never guessed: another account may have a secret of the same name, and a name may
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

  /** Of the stage that is read when a read names none. */
  get selector(): Place['selector'] {
    return this.#context.selector
  }

  get size(): number {
    return this.#kept.size
  }

  /** The shortest way to the entry of the cache's own stage, marked as used. */
  use(secretId: string): Entry | undefined {
    // The one that was used last is where it belongs already.
    if (secretId === this.#lastId) return this.#last
    const entry = this.#ids.get(secretId)?.current
    if (entry === undefined || this.#isClosed) return undefined
    this.#kept.touch(entry)
    this.#lastId = secretId
    this.#last = entry
    return entry
  }

  /** As `use`, leaving the order as it is. */
  peek(secretId: string): Entry | undefined {
    if (secretId === this.#lastId) return this.#last
    return this.#isClosed ? undefined : this.#ids.get(secretId)?.current
  }

  findRecord(secretId: string): SecretRecord | undefined {
    return this.#ids.find(secretId)
  }

  /** Whether a secret may be an account's, for all that is known: a plain name is of the account of the credentials. */
  mayBelongTo({ arn, id }: SecretRecord, account: string): boolean {
    const own = accountOf(arn ?? id) ?? this.#ownAccount.id
    return own === undefined || own === account
  }

  find({ secretId, selector }: Place): Entry | undefined {
    return this.#ids.find(secretId)?.find(selector)
  }

  /** As `find`, made if it is not there. Not marked as used. */
  entry({ secretId, selector }: Place): Entry {
    return this.#record(secretId).entry(selector)
  }

  /** As `entry`, for a reader. */
  entryToRead(place: Place): Entry {
    const record = this.#record(place.secretId)
    // A secret that was deleted and made again has another ARN, so a refresh asks by what leads to it, too, if any reader did.
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
   * Takes in whose an answer is. Undefined if nobody knows the id any more that was asked for; else the record of this secret from now on.
   */
  identify(identity: Identity, merged: Merged[]): SecretRecord | undefined {
    const { arn, name, asked, ownAccount } = identity
    if (this.#isClosed) return undefined
    if (asked === name) this.learnAccount(arn, merged)
    else if (this.#ownAccount.learnFromCredentials(ownAccount)) this.#deriveAnew(merged)
    // Looked up only now: the name may have turned out to be that of a secret which was read by its ARN.
    const record = this.#ids.find(asked)
    if (record === undefined) return undefined
    if (isSameSecret(record.arn, arn)) {
      // Of the same secret's ARNs, the Region that has answered last counts: the one before may have stood in for it.
      if (record.arn !== arn) record.arn = arn
      return record
    }
    this.#forgetLast()
    const home = this.#homeOf(record, identity, merged)
    this.#gather(home, merged)
    return home
  }

  /** Takes in whose secret a plain name has led to. */
  learnAccount(arn: string, merged: Merged[]): void {
    if (this.#ownAccount.learnFromAnswer(arn)) this.#deriveAnew(merged)
  }

  /** The account of plain names, if answers or the credentials have shown it. */
  get ownAccount(): string | undefined {
    return this.#ownAccount.shown
  }

  /** Voids all that began up to `sequence`. Says which records the id may mean. */
  void(secretId: string, sequence: number): Set<SecretRecord> {
    const found = this.#ids.find(secretId)
    const records = new Set(found === undefined ? [] : [found])
    // A load by another id may be of this secret, as long as no answer has said of which it is.
    for (const { record } of this.#loads.busy()) {
      if (record.arn === undefined && mayBeOfOne(record.id, secretId, this.#ownAccount.id)) records.add(record)
    }
    for (const record of records) record.voidUpTo = sequence
    return records
  }

  /** Makes the next read of all that the id may mean wait for a load that begins after `sequence`. */
  invalidate(secretId: string, sequence: number): void {
    for (const record of this.void(secretId, sequence)) for (const entry of record.entries()) entry.invalidate()
  }

  /** Puts an entry where it belongs after its state has changed, and lets go of what nobody needs. Says which others had to go. */
  settle(entry: Entry): Entry[] {
    if (this.#isClosed) return []
    this.#forgetLast()
    const evicted = this.#kept.place(entry)
    this.#release(entry)
    return evicted
  }

  /** Lets go of an entry that is empty now, and of its record with the last one. */
  #release(entry: Entry): void {
    const { record } = entry
    if (!entry.isEmpty || this.#loads.isBusy(entry)) return
    this.#forgetLast()
    record.drop(entry)
    if (!record.isEmpty) return
    if (record.isRecentAt(this.#context.clock.now())) this.#empty.add(record)
    else this.#ids.forget(record)
  }

  /** From now on nothing is served and nothing stored; who waits already may still be given the last known good. */
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

  /** Where a secret lives from now on that was asked for by an id of `record`. */
  #homeOf(record: SecretRecord, { arn, name, asked }: Identity, merged: Merged[]): SecretRecord {
    const known = this.#ids.findSecret(arn)
    if (isSameSecret(record.arn, asked)) {
      // The full ARN of one secret was answered with another. That says nothing of what the other ids lead to.
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

  /** Takes in all ids of the secret that were followed or asked for, though no answer to them has come yet. */
  #gather(home: SecretRecord, merged: Merged[]): void {
    const { arn, name } = home
    if (arn === undefined || name === undefined) return
    for (const secretId of [arn, ...partialArnsOf(arn), ...(this.#ownAccount.owns(arn) ? [name] : [])]) {
      const other = this.#ids.get(secretId)
      if (other !== undefined && other.arn === undefined) this.#merge(other, home, merged)
    }
  }

  /** The secret was deleted and made again under its name: its old ARNs lead nowhere now. */
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

  /** Whose a plain name is has just been learned. */
  #deriveAnew(merged: Merged[]): void {
    this.#forgetLast()
    for (const record of this.#ids.all()) {
      this.#ids.removeDerived(record)
      this.#ids.addDerived(record)
    }
    for (const record of this.#ids.all()) this.#gather(record, merged)
  }

  /** The settings of one secret, by the most telling form of its id. */
  #settingsOf(arn: string, name: string): SecretSettings {
    const { perSecret, settings } = this.#options
    const byName = this.#ownAccount.owns(arn) ? perSecret.get(name) : undefined
    return perSecret.get(arn) ?? perSecret.get(partialArnOf(arn)) ?? byName ?? settings
  }

  /** Forgets records that were kept for a while, the oldest first. */
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
