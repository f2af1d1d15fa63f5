import { createHash } from 'node:crypto'
import { partitionOf } from './partition.js'
import { emptyState, type SecretState } from './secret-state.js'
import { markedForDeletion, secretNotFound } from './service-error.js'

/** A secret in the fake. */
export interface StoredSecret {
  readonly arn: string
  readonly name: string
  readonly createdMs: number
  changedMs: number
  accessedMs?: number
  /** The access time of each version that was read. */
  readonly versionsAccessedMs: Map<string, number>
  description?: string
  kmsKeyId?: string
  tags: readonly { Key: string; Value: string }[]
  /** When a scheduled deletion was requested, and when it is carried out. */
  deletion?: { askedMs: number; dueMs: number }
  rotation?: { enabled: boolean; lambdaArn: string; rules?: object; lastMs?: number }
  state: SecretState
  /** The state before AWSCURRENT last moved. */
  before?: SecretState
}

/** The options of a store. */
export interface SecretStoreOptions {
  region: string
  accountId: string
  now: () => number
  /** Called when a staging label was attached to a version. */
  onLabel: (secret: StoredSecret, label: string, versionId: string) => void
}

const suffixAlphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** A partial ARN that ends like a full one is read as a full one, as in the service. */
const suffixForm = /-[A-Za-z0-9]{6}$/

/** Keeps the secrets of one account and Region. */
export class SecretStore {
  readonly #options: SecretStoreOptions
  readonly #secrets = new Map<string, StoredSecret>()
  readonly #timesMade = new Map<string, number>()
  #versionsMade = 0

  constructor(options: SecretStoreOptions) {
    this.#options = options
  }

  all(): StoredSecret[] {
    this.#carryOutDeletions()
    return [...this.#secrets.values()]
  }

  find(secretId: string): StoredSecret | undefined {
    this.#carryOutDeletions()
    const prefix = this.#arnOf('')
    if (!secretId.startsWith('arn:')) return this.#secrets.get(secretId)
    const full = [...this.#secrets.values()].find(secret => secret.arn === secretId)
    if (full !== undefined || !secretId.startsWith(prefix) || suffixForm.test(secretId)) return full
    return this.#secrets.get(secretId.slice(prefix.length))
  }

  /** The secret, even if it is scheduled for deletion. */
  require(secretId: string): StoredSecret {
    const secret = this.find(secretId)
    if (secret === undefined) throw secretNotFound()
    return secret
  }

  /** The secret, unless it is scheduled for deletion. */
  requireLive(secretId: string): StoredSecret {
    const secret = this.require(secretId)
    if (secret.deletion !== undefined) throw markedForDeletion()
    return secret
  }

  add(name: string): StoredSecret {
    const timesMade = (this.#timesMade.get(name) ?? 0) + 1
    this.#timesMade.set(name, timesMade)
    const now = this.#options.now()
    const arn = this.#arnOf(`${name}-${suffixFor(name, timesMade)}`)
    const times = { createdMs: now, changedMs: now, versionsAccessedMs: new Map<string, number>() }
    const secret: StoredSecret = { arn, name, ...times, tags: [], state: emptyState }
    this.#secrets.set(name, secret)
    return secret
  }

  remove(secret: StoredSecret): void {
    this.#secrets.delete(secret.name)
  }

  /** Sets the next state of a secret and reports the labels that were attached. */
  change(secret: StoredSecret, next: SecretState): void {
    const last = secret.state
    secret.state = next
    secret.changedMs = this.#options.now()
    const left = last.labels.get('AWSCURRENT')
    if (left !== undefined && left !== next.labels.get('AWSCURRENT')) secret.before = last
    for (const [label, versionId] of next.labels) {
      if (last.labels.get(label) !== versionId) this.#options.onLabel(secret, label, versionId)
    }
  }

  /** The ids are the same in every run, so that the output of tests can be compared. */
  nextVersionId(): string {
    this.#versionsMade += 1
    const digest = createHash('sha256').update(`version ${this.#versionsMade}`).digest('hex')
    return digest.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-a$4-$5')
  }

  #arnOf(resource: string): string {
    const { region, accountId } = this.#options
    return `arn:${partitionOf(region)}:secretsmanager:${region}:${accountId}:secret:${resource}`
  }

  #carryOutDeletions(): void {
    for (const secret of this.#secrets.values()) {
      if (secret.deletion !== undefined && secret.deletion.dueMs <= this.#options.now()) this.remove(secret)
    }
  }
}

function suffixFor(name: string, timesMade: number): string {
  const digest = createHash('sha256').update(`${timesMade} ${name}`).digest()
  return [...digest.subarray(0, 6)].map(byte => suffixAlphabet[byte % suffixAlphabet.length]).join('')
}
