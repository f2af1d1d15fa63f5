import type { CheckedOptions } from '../options/options.js'
import { isArn, isPartialArnOf, nameInFullArn, parseSecretArn, partialArnOf } from '../secrets/secret-id.js'
import { type RecordContext, SecretRecord } from './secret-record.js'

/** What an answer says of whose it is. */
export interface Identity {
  arn: string
  name: string
  /** The id that was sent. */
  asked: string
}

/**
 * Finds the record of a secret by any form of its id.
 *
 * Which forms belong together is learned from answers, never guessed: a name may itself end in a hyphen and six characters.
 */
export class Records {
  readonly #options: CheckedOptions
  readonly #context: RecordContext
  readonly #onMerged: (from: SecretRecord, into: SecretRecord) => void
  /** By the id first used; once an answer has revealed it, by name too, or else by ARN. */
  readonly #byId = new Map<string, SecretRecord>()
  /** The account in which plain names are looked up, as soon as an answer to one has shown it. */
  #ownAccount: string | undefined
  #firstAccount: string | undefined
  /** Records whose secret is not known yet, with the number of their loads under way. */
  readonly #unidentified = new Map<SecretRecord, number>()

  constructor(options: CheckedOptions, onMerged: (from: SecretRecord, into: SecretRecord) => void) {
    this.#options = options
    this.#context = { clock: options.clock, selector: { versionStage: options.versionStage } }
    this.#onMerged = onMerged
  }

  find(secretId: string): SecretRecord | undefined {
    const found = this.#byId.get(secretId)
    if (found !== undefined || !isArn(secretId)) return found
    // Most ARNs need no key of their own: the name is in them, and the record under it knows its ARN.
    const resource = parseSecretArn(secretId)?.resource ?? ''
    const named = this.#byId.get(nameInFullArn(resource))
    if (named?.arn === secretId) return named
    const partlyNamed = this.#byId.get(resource)
    return partlyNamed?.arn !== undefined && isPartialArnOf(secretId, partlyNamed.arn) ? partlyNamed : undefined
  }

  findOrAdd(secretId: string): SecretRecord {
    const record = this.find(secretId) ?? this.#add(secretId)
    // A secret that was deleted and made again is found by its name only, so a refresh asks by name if any reader did.
    // Not while it is only assumed that the name is of this account.
    if (secretId === record.name && this.#ownAccount !== undefined) record.refreshId = secretId
    return record
  }

  /** Takes in whose an answer is. Answers the record that this secret has from now on. */
  identify(record: SecretRecord, { arn, name, asked }: Identity): SecretRecord {
    if (asked === name) this.#learnOwnAccount(arn)
    if (record.arn === arn) return record
    const namedHere = this.#nameLeadsTo(arn) ? this.#byId.get(name) : undefined
    const candidates = [record, this.find(arn), namedHere, this.#byId.get(partialArnOf(arn))].filter(other => other !== undefined)
    const home = candidates.find(other => other.arn === arn) ?? this.#homeFor(record, asked)
    // The secret was deleted and made again under its name: the old ARN leads nowhere now.
    if (record.arn !== undefined) this.#byId.delete(record.arn)
    for (const other of candidates) {
      if (other !== home && (other === record || other.arn === undefined)) this.#merge(other, home)
    }
    this.#name(home, arn, name)
    return home
  }

  /** Everything of this id that began up to `sequence` is void. */
  invalidate(secretId: string, sequence: number): SecretRecord | undefined {
    const record = this.find(secretId)
    if (record !== undefined) record.invalidatedAt = sequence
    // A load under another id, whose secret is not known yet, may be of this one: its answer serves those who wait, and nobody else.
    for (const unidentified of this.#unidentified.keys()) unidentified.invalidatedAt = sequence
    return record
  }

  /** Brackets, with `loadEnds`, a load of a record whose secret is not known yet. */
  loadBegins(record: SecretRecord): void {
    this.#unidentified.set(record, (this.#unidentified.get(record) ?? 0) + 1)
  }

  loadEnds(record: SecretRecord): void {
    const others = (this.#unidentified.get(record) ?? 0) - 1
    if (others > 0) this.#unidentified.set(record, others)
    else this.#unidentified.delete(record)
  }

  forget(record: SecretRecord): void {
    record.known = false
    for (const id of idsOf(record)) if (this.#byId.get(id) === record) this.#byId.delete(id)
  }

  all(): SecretRecord[] {
    return [...new Set(this.#byId.values())]
  }

  #add(secretId: string): SecretRecord {
    const { perSecret, settings } = this.#options
    const record = new SecretRecord(secretId, perSecret.get(secretId) ?? settings, this.#context)
    this.#byId.set(secretId, record)
    return record
  }

  /** A record first read by an ARN that now leads nowhere cannot become that of another secret: its id is that ARN. */
  #homeFor(record: SecretRecord, asked: string): SecretRecord {
    if (record.arn === undefined || record.id !== record.arn) return record
    return this.#add(asked)
  }

  #name(record: SecretRecord, arn: string, name: string): void {
    const { perSecret, settings } = this.#options
    const partialArn = partialArnOf(arn)
    const trusted = this.#nameLeadsTo(arn)
    record.arn = arn
    this.#unidentified.delete(record)
    // The same string again, if it is: each secret would keep two of them.
    record.name = name === record.id ? record.id : name
    if (record.id === name) record.refreshId = name
    record.settings = perSecret.get(arn) ?? perSecret.get(partialArn) ?? (trusted ? perSecret.get(name) : undefined) ?? settings
    if (trusted && !this.#byId.has(name)) this.#byId.set(name, record)
    if (this.#byId.get(name) !== record) this.#byId.set(arn, record)
  }

  #merge(from: SecretRecord, into: SecretRecord): void {
    from.known = false
    this.#unidentified.delete(from)
    from.mergedInto = into
    into.invalidatedAt = Math.max(into.invalidatedAt, from.invalidatedAt)
    for (const id of idsOf(from)) {
      if (this.#byId.get(id) !== from) continue
      this.#byId.set(id, into)
      into.aliases = [...(into.aliases ?? []), id]
    }
    this.#onMerged(from, into)
  }

  /**
   * Whether a plain name may lead to the secret with this ARN. A secret of another account is read by ARN only; our own account may
   * have another one of the same name.
   */
  #nameLeadsTo(arn: string): boolean {
    const account = accountOf(arn)
    this.#firstAccount ??= account
    return account === (this.#ownAccount ?? this.#firstAccount)
  }

  #learnOwnAccount(arn: string): void {
    const account = accountOf(arn)
    if (this.#ownAccount === account) return
    this.#ownAccount = account
    for (const record of this.all()) {
      const { id, arn: known, name } = record
      if (known === undefined || name === undefined || accountOf(known) === account) continue
      if (name === id || this.#byId.get(name) !== record) continue
      this.#byId.delete(name)
      this.#byId.set(known, record)
    }
  }
}

function accountOf(arn: string): string | undefined {
  return parseSecretArn(arn)?.account
}

function idsOf({ id, arn, name, aliases }: SecretRecord): string[] {
  return [id, arn, name, ...(aliases ?? [])].filter(key => key !== undefined)
}
