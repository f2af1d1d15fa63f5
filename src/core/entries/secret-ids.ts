import {
  accountAndName,
  identityOf,
  isArn,
  isSameSecret,
  looksLikeFullArn,
  nameInFullArn,
  parseSecretArn,
} from '../secrets/secret-id.js'
import type { SecretRecord } from './entry.js'
import type { OwnAccount } from './own-account.js'

/**
 * Maps ids to records.
 *
 * Every id that was requested is a key. A record whose secret is known is also found by its name if it is in our own account, and otherwise
 * by account and name, in any Region.
 */
export class SecretIds {
  readonly #byId = new Map<string, SecretRecord>()
  /** Keys that were not requested yet. */
  readonly #derived = new Map<string, SecretRecord>()
  readonly #ownAccount: OwnAccount

  constructor(ownAccount: OwnAccount) {
    this.#ownAccount = ownAccount
  }

  /** Finds a record by exactly this id. */
  get(secretId: string): SecretRecord | undefined {
    return this.#byId.get(secretId)
  }

  /** Finds a record also by a form of its id that was not used yet. */
  find(secretId: string): SecretRecord | undefined {
    const found = this.#byId.get(secretId) ?? this.#derived.get(secretId)
    if (found !== undefined || !isArn(secretId)) return found
    return this.findSecret(secretId) ?? this.#findByPartialArn(secretId)
  }

  /** The record of exactly the secret that a full ARN names. */
  findSecret(fullArn: string): SecretRecord | undefined {
    // The ARN of a parameter is its own key, which may have been requested.
    const records = [nameInFullArn(fullArn), accountAndName(fullArn)].map(key => this.#named(key))
    return records.find(record => isSameSecret(record?.arn, fullArn))
  }

  all(): Set<SecretRecord> {
    return new Set(this.#byId.values())
  }

  /** Makes a requested id lead to a record. */
  lead(secretId: string, record: SecretRecord): void {
    this.#byId.set(secretId, record)
    this.#derived.delete(secretId)
    if (secretId === record.id) return
    record.aliases ??= new Set()
    record.aliases.add(secretId)
  }

  /** Makes an id lead to no record. */
  part(secretId: string): void {
    this.#byId.delete(secretId)
  }

  /** The requested ids that lead to a record. */
  askedIdsOf(record: SecretRecord): string[] {
    return [record.id, ...(record.aliases ?? [])].filter(secretId => this.#byId.get(secretId) === record)
  }

  /** Adds the keys that follow from the ARN and the name of a record. */
  addDerived(record: SecretRecord): void {
    const { arn, name } = record
    if (arn === undefined || name === undefined) return
    if (this.#ownAccount.owns(arn) && this.#named(name) === undefined) this.#derived.set(name, record)
    if (this.#named(nameInFullArn(arn)) !== record) this.#derived.set(accountAndName(arn), record)
  }

  /** Undoes `addDerived`; requested ids stay. */
  removeDerived(record: SecretRecord): void {
    const { arn, name } = record
    if (arn === undefined || name === undefined) return
    for (const key of [name, accountAndName(arn)]) if (this.#derived.get(key) === record) this.#derived.delete(key)
  }

  forget(record: SecretRecord): void {
    this.removeDerived(record)
    for (const secretId of this.askedIdsOf(record)) this.#byId.delete(secretId)
  }

  clear(): void {
    this.#byId.clear()
    this.#derived.clear()
  }

  #named(name: string): SecretRecord | undefined {
    return this.#byId.get(name) ?? this.#derived.get(name)
  }

  /** An ARN that ends in a hyphen and six characters counts as a full ARN, as for the service; nothing is guessed. */
  #findByPartialArn(secretId: string): SecretRecord | undefined {
    if (looksLikeFullArn(secretId)) return undefined
    const identity = identityOf(secretId)
    const named = this.#named(parseSecretArn(secretId)?.resource ?? '')
    if (named?.arn !== undefined && accountAndName(named.arn) === identity) return named
    return this.#derived.get(identity)
  }
}
