import { accountOf } from '../core/entries/own-account.js'
import type { Place } from '../core/entries/selector.js'
import { accountRefusal } from '../core/loads/answer.js'
import type { Outcome } from '../core/loads/load.js'
import type { LoadContext } from '../core/loads/load-context.js'
import type { Loader, Refresh } from '../core/loads/loader.js'
import type { Writes } from '../core/loads/writes.js'
import type { Secret } from '../core/secrets/secret.js'
import type { SecretSource, SecretValue } from '../core/secrets/source.js'
import type { WritableSource } from '../core/secrets/writable-source.js'
import type { CompleteClock } from '../core/time/clock.js'
import { learnWritten, type WriteBegin } from './learn-written.js'

/** When this label moves, Secrets Manager moves AWSPREVIOUS to the version that it leaves. */
const current = 'AWSCURRENT'

/** A version that was written. */
export interface Written {
  readonly value: SecretValue
  /** The requested labels. */
  readonly asked: readonly string[]
  /** Whether the response confirms the labels of `value`. */
  readonly isTold: boolean
}

/** The part of the cache that writes use. */
export class WriteAccess {
  readonly #writes: Writes
  readonly #context: LoadContext
  readonly #loader: Loader
  readonly #versionStage: string

  constructor(writes: Writes) {
    this.#writes = writes
    this.#context = writes.context
    this.#loader = writes.loader
    this.#versionStage = writes.versionStage
  }

  /** The last write of each secret that is under way. */
  get underWay(): Writes['underWay'] {
    return this.#writes.underWay
  }

  get source(): SecretSource | WritableSource {
    return this.#context.source
  }

  get allowedAccounts(): ReadonlySet<string> | undefined {
    return this.#context.allowedAccounts
  }

  get clock(): CompleteClock {
    return this.#context.clock
  }

  /** Aborts when the cache is closed. */
  get closing(): AbortSignal {
    return this.#loader.closing
  }

  /** The account of a secret, if its id or a response has shown it. */
  accountShown(secretId: string): string | undefined {
    const { index } = this.#context
    return accountOf(index.findRecord(secretId)?.arn ?? secretId) ?? index.ownAccount
  }

  /** Marks the moment before a write is sent: no load that began earlier is stored over it. */
  begin(secretId: string): WriteBegin {
    const { clock, index, sequence } = this.#context
    return { begunAt: sequence.next(), sentAt: clock.now(), versionId: index.find(this.#placeOf(secretId))?.lastVersionId }
  }

  /** The id of a secret that another client has written: for that client, a name may be in another account or Region. */
  idOf(secretId: string, { arn }: SecretValue): string {
    const { index } = this.#context
    // If the secret was created again, its name now leads to the new one and not to the one that is held.
    if (index.findRecord(secretId) !== index.findRecord(arn)) this.#expire(secretId)
    return arn
  }

  /** Stores a written version if readers of the cache are to get it: others may have written since it was carried out. */
  async learn(secretId: string, { value, asked, isTold }: Written, begin: WriteBegin): Promise<Secret> {
    const refusal = accountRefusal(accountOf(value.arn), this.allowedAccounts)
    if (refusal !== undefined) throw refusal
    const stage = this.#versionStage
    const isForReaders = !this.closing.aborted && isTold && value.versionStages.includes(stage)
    const held = isForReaders ? await learnWritten(this.#writes, this.#placeOf(secretId), value, begin) : undefined
    this.#expireOthers(secretId, [...asked, ...value.versionStages])
    // If a later write has overtaken this one, the held value may be older than both.
    if (held === undefined && asked.includes(stage)) this.#readAgain(secretId)
    return held?.secret ?? this.#writes.apart(value, begin.begunAt)
  }

  /** Makes the next read load the secret, because it is not known whether a write was carried out. */
  doubt(secretId: string, stages: readonly string[]): void {
    if (stages.includes(this.#versionStage)) this.#announce(secretId)
    this.#expireOthers(secretId, stages)
  }

  /** The held AWSCURRENT version, if it is fresh. */
  freshCurrent(secretId: string): Secret | undefined {
    const entry = this.#context.index.find(this.#currentOf(secretId))
    return entry?.phaseAt(this.clock.now()) === 'fresh' ? entry.held?.secret : undefined
  }

  /** Loads the AWSCURRENT version, whichever label the cache itself reads, because that is the label that a rotation moves. */
  refreshCurrent(secretId: string, options: Refresh = {}): Promise<Outcome> {
    return this.#loader.refresh(this.#currentOf(secretId), options)
  }

  #currentOf(secretId: string): Place {
    return this.#versionStage === current ? this.#placeOf(secretId) : { secretId, selector: { versionStage: current } }
  }

  /** Expires and loads the secret: it may have no readers, but followers that wait for a new version. */
  #readAgain(secretId: string): void {
    this.#announce(secretId)
    if (!this.closing.aborted) void this.#loader.refresh(this.#placeOf(secretId))
  }

  /** What is held is probably out of date: readers wait for another load, and one that fails is repeated soon. */
  #announce(secretId: string): void {
    const { index, sequence } = this.#context
    this.#expire(secretId)
    index.find(this.#placeOf(secretId))?.announce(sequence.next())
  }

  #placeOf(secretId: string): Place {
    return { secretId, selector: this.#context.index.selector }
  }

  /** Expires the other stages: their labels may have moved to the new version, whether or not the cache held the one before. */
  #expireOthers(secretId: string, stages: readonly string[]): void {
    const { index, sequence } = this.#context
    index.findRecord(secretId)?.currentMoved(sequence.next())
    // AWSPREVIOUS moves to where AWSCURRENT was.
    if (!stages.includes(this.#versionStage) && stages.includes(current)) this.#expire(secretId)
  }

  #expire(secretId: string): void {
    const { index, sequence } = this.#context
    index.invalidate(secretId, sequence.next())
  }
}
