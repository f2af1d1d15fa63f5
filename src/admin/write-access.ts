import { accountOf } from '../core/entries/own-account.js'
import type { Place } from '../core/entries/selector.js'
import { accountRefusal } from '../core/loads/answer.js'
import type { Outcome } from '../core/loads/load.js'
import type { LoadContext } from '../core/loads/load-context.js'
import type { Loader, Refresh, WriteBegin } from '../core/loads/loader.js'
import type { Writes } from '../core/loads/writes.js'
import type { Secret } from '../core/secrets/secret.js'
import type { SecretSource, SecretValue } from '../core/secrets/source.js'
import type { WritableSource } from '../core/secrets/writable-source.js'
import type { CompleteClock } from '../core/time/clock.js'

/** The label that Secrets Manager moves AWSPREVIOUS after. */
const current = 'AWSCURRENT'

/** A version that was written. */
export interface Written {
  readonly value: SecretValue
  /** The labels that it was to have. */
  readonly asked: readonly string[]
  /** Whether the answer has said that it has those of `value`. */
  readonly isTold: boolean
}

/** What changes a secret from here does to the cache. */
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

  /** The account of a secret, as far as its id or answers have shown it. */
  accountShown(secretId: string): string | undefined {
    const { index } = this.#context
    return accountOf(index.findRecord(secretId)?.arn ?? secretId) ?? index.ownAccount
  }

  /** Marks the moment before a write is sent: no load that began earlier is stored over it. */
  begin(secretId: string): WriteBegin {
    const { clock, index, sequence } = this.#context
    return { begunAt: sequence.next(), sentAt: clock.now(), versionId: index.find(this.#placeOf(secretId))?.lastVersionId }
  }

  /** By what the cache knows a secret that another client has written: to that one a name may lead to another account, or Region. */
  idOf(secretId: string, { arn }: SecretValue): string {
    const { index } = this.#context
    // If it was made again, its name leads to it from now on, and not to what is held.
    if (index.findRecord(secretId) !== index.findRecord(arn)) this.#expire(secretId)
    return arn
  }

  /** Takes in what was written, if it is what the cache's readers are given: others may have written since it was carried out. */
  async learn(secretId: string, { value, asked, isTold }: Written, begin: WriteBegin): Promise<Secret> {
    const refusal = accountRefusal(accountOf(value.arn), this.allowedAccounts)
    if (refusal !== undefined) throw refusal
    const stage = this.#versionStage
    const isForReaders = !this.closing.aborted && isTold && value.versionStages.includes(stage)
    const held = isForReaders ? await this.#loader.learn(this.#placeOf(secretId), value, begin) : undefined
    this.#expireOthers(secretId, [...asked, ...value.versionStages])
    // What is held, if anything, may be from before a write that was overtaken.
    if (held === undefined && asked.includes(stage)) this.#readAgain(secretId)
    return held?.secret ?? this.#writes.apart(value, begin.begunAt)
  }

  /** Has the next read ask the service: nobody knows what a write has done. */
  doubt(secretId: string, stages: readonly string[]): void {
    if (stages.includes(this.#versionStage)) this.#expire(secretId)
    this.#expireOthers(secretId, stages)
  }

  /** What is held of AWSCURRENT, and fresh. */
  freshCurrent(secretId: string): Secret | undefined {
    const entry = this.#context.index.find(this.#currentOf(secretId))
    return entry?.phaseAt(this.clock.now()) === 'fresh' ? entry.held?.secret : undefined
  }

  /** Loads what AWSCURRENT is at, whatever label the cache itself follows: that is what a rotation moves. */
  refreshCurrent(secretId: string, options: Refresh = {}): Promise<Outcome> {
    return this.#loader.refresh(this.#currentOf(secretId), options)
  }

  #currentOf(secretId: string): Place {
    return this.#versionStage === current ? this.#placeOf(secretId) : { secretId, selector: { versionStage: current } }
  }

  /** Nobody may be reading, but some may follow the secret. */
  #readAgain(secretId: string): void {
    this.#expire(secretId)
    if (!this.closing.aborted) void this.#loader.refresh(this.#placeOf(secretId))
  }

  #placeOf(secretId: string): Place {
    return { secretId, selector: this.#context.index.selector }
  }

  /** What the labels of a new version named before has lost them, whether or not the cache held that. */
  #expireOthers(secretId: string, stages: readonly string[]): void {
    const { index, sequence } = this.#context
    index.findRecord(secretId)?.currentMoved(sequence.next())
    // AWSPREVIOUS follows wherever AWSCURRENT was.
    if (!stages.includes(this.#versionStage) && stages.includes(current)) this.#expire(secretId)
  }

  #expire(secretId: string): void {
    const { index, sequence } = this.#context
    index.invalidate(secretId, sequence.next())
  }
}
