import type { Records } from '../entries/records.js'
import type { SecretRecord } from '../entries/secret-record.js'
import type { Failure } from '../failures/failure.js'
import { type Loader, live } from '../loads/loader.js'
import type { CheckedOptions } from '../options/options.js'
import { nameInFullArn, parseSecretArn, partialArnOf } from '../secrets/secret-id.js'
import { type CompleteClock, sleep } from '../time/clock.js'
import { parseRotationEvents } from './parse-rotation-events.js'
import type { RotationChange, RotationEvent } from './rotation-event.js'

/** What `handleRotationEvent` did about one event. */
export interface RotationResult {
  /**
   * - `refreshed`: the cache holds the new version
   * - `unchanged`: the cache has read again and holds what it held
   * - `scheduled`: it will read within `refreshSpreadMs`
   * - `ignored`: the event is not about the current version of a secret that is cached
   * - `rejected`: it is no event, or reading failed in passing; the same event delivered again is taken up again
   */
  readonly outcome: 'refreshed' | 'unchanged' | 'scheduled' | 'ignored' | 'rejected'
  /** A short fixed phrase, or the code of the error. */
  readonly reason: string
  /** The secret that the event is about, as the event names it. */
  readonly secretId?: string
  /** The version that the cache now holds. */
  readonly versionId?: string
}

/** Secrets Manager is eventually consistent: an event may come before the version that it tells of can be read. */
const readAgainAfterMs = [0, 200, 500, 1_000, 2_000, 5_000]

/** A thousand secrets are not asked for in one moment, even by a single instance. */
const shortestSpreadMs = 1_000

/** How many events are remembered, so that one that is delivered twice costs nothing. */
const mostRemembered = 1_000

/** Turns events into refreshes. An event is a hint: what the service answers decides. */
export class RotationListener {
  readonly #options: CheckedOptions
  readonly #records: Records
  readonly #loader: Loader
  readonly #clock: CompleteClock
  /** The ids of events that were dealt with for good. */
  readonly #remembered = new Set<string>()
  /** Events that wait for their moment within the spread. */
  readonly #scheduled = new Map<SecretRecord, RotationChange[]>()
  readonly #underWay = new Map<string, Promise<RotationResult>>()

  constructor(options: CheckedOptions, records: Records, loader: Loader) {
    this.#options = options
    this.#records = records
    this.#loader = loader
    this.#clock = options.clock
  }

  /** Never rejects. */
  async handle(payload: unknown): Promise<RotationResult[]> {
    const { versionStage } = this.#options
    return Promise.all(parseRotationEvents(payload, { versionStage }).map(event => this.#heed(event)))
  }

  /** Loads behind everything that is kept, spread: nobody knows what happened while no event could be heard. */
  revalidate(): void {
    const spreadMs = Math.max(this.#options.refreshSpreadMs, shortestSpreadMs)
    for (const entry of this.#records.all().flatMap(record => record.entries())) {
      if (!entry.hasValue) continue
      this.#clock.setTimeout(() => {
        const { record } = live(entry)
        if (record.known) this.#loader.join(live(entry), record.refreshId ?? record.id)
      }, Math.random() * spreadMs)
    }
  }

  async #heed(event: RotationEvent): Promise<RotationResult> {
    if (event.kind !== 'changed') return result(event.kind, event.reason, event.kind === 'ignored' ? event.secretId : undefined)
    const { eventId, secretId } = event
    if (eventId !== undefined && this.#remembered.has(eventId)) return result('ignored', 'delivered before', secretId)
    const record = this.#recordOf(event)
    if (typeof record === 'string') return result('ignored', record, secretId)
    return this.#options.refreshSpreadMs > 0 ? this.#schedule(record, event) : this.#settleOnce(record, event)
  }

  /** Events that announce one version, by whatever ways they come, are one change. */
  #settleOnce(record: SecretRecord, event: RotationChange): Promise<RotationResult> {
    if (event.versionId === undefined) return this.#settle(record, event)
    const change = `${record.id} ${event.versionId}`
    const underWay = this.#underWay.get(change)
    if (underWay !== undefined) return underWay
    const settled = this.#settle(record, event).finally(() => this.#underWay.delete(change))
    this.#underWay.set(change, settled)
    return settled
  }

  /** Only what is settled for good is remembered: an event whose refresh failed works when it is delivered again. */
  async #settle(record: SecretRecord, event: RotationChange): Promise<RotationResult> {
    const settled = await this.#refresh(record, event).catch(() => result('rejected', 'ERR_SECRET_CACHE_CLOSED', record.id))
    if (event.eventId !== undefined && settled.outcome !== 'rejected') this.#remember(event.eventId)
    return settled
  }

  /** The record that an event is about, or why there is none. */
  #recordOf({ secretId, arn, name, account, region }: RotationChange): SecretRecord | string {
    const { allowedAccounts, matchReplicas } = this.#options
    if (account !== undefined && allowedAccounts?.has(account) === false) return 'another account'
    const record = this.#find(arn ?? secretId) ?? (name === undefined ? undefined : this.#records.find(name))
    if (record === undefined) return 'unknown secret'
    const own = record.arn === undefined ? undefined : parseSecretArn(record.arn)
    if (own === undefined) return record
    if (account !== undefined && account !== own.account) return 'another account'
    if (!matchReplicas && region !== undefined && region !== own.region) return 'another Region'
    return record
  }

  /** Also by the name in an ARN that no answer has revealed yet. A wrong guess costs one call and changes nothing. */
  #find(secretId: string): SecretRecord | undefined {
    const resource = parseSecretArn(secretId)?.resource
    if (resource === undefined) return this.#records.find(secretId)
    return (
      this.#records.find(secretId) ?? this.#records.find(nameInFullArn(resource)) ?? this.#records.find(partialArnOf(secretId))
    )
  }

  #schedule(record: SecretRecord, event: RotationChange): RotationResult {
    const events = this.#scheduled.get(record)
    events?.push(event)
    if (events === undefined) {
      this.#scheduled.set(record, [event])
      this.#clock.setTimeout(() => this.#settleScheduled(record), Math.random() * this.#options.refreshSpreadMs)
    }
    return result('scheduled', 'spread over the fleet', record.id)
  }

  #settleScheduled(record: SecretRecord): void {
    const events = this.#scheduled.get(record) ?? []
    this.#scheduled.delete(record)
    const current = record.mergedInto ?? record
    // A closed cache knows none.
    if (!current.known) return
    for (const event of events) void this.#settleOnce(current, event)
  }

  /** Reads until the version has moved. */
  async #refresh(record: SecretRecord, event: RotationChange): Promise<RotationResult> {
    const entry = record.find({})
    if (entry === undefined) return this.#expireOthers(record)
    const before = entry.held?.versionId
    if (before !== undefined && before === event.versionId && !entry.held?.invalidated) {
      return result('unchanged', 'already current', record.id, before)
    }
    const hasMoved = (): boolean => {
      const now = live(entry).held?.versionId
      if (now === undefined) return false
      return now === event.versionId || (before === undefined ? event.versionId === undefined : now !== before)
    }
    for (const pauseMs of readAgainAfterMs) {
      if (pauseMs > 0) await sleep(this.#clock, pauseMs, this.#loader.closing)
      if (pauseMs === 0 || !hasMoved()) {
        const asked = record.refreshId ?? record.id
        const outcome = await this.#loader.refresh(live(entry), asked, { expected: event.versionId })
        if ('failure' in outcome) return failed(outcome.failure, record.id)
      }
      if (hasMoved()) return result('refreshed', event.cause, record.id, live(entry).held?.versionId)
    }
    return result('unchanged', 'the version has not moved', record.id, live(entry).held?.versionId)
  }

  /** Only other stages are cached. A version that moves under one label may move under others. */
  #expireOthers(record: SecretRecord): RotationResult {
    record.currentMoved(this.#loader.nextSequence())
    return result('refreshed', 'other stages expire', record.id)
  }

  #remember(eventId: string): void {
    this.#remembered.add(eventId)
    const [oldest] = this.#remembered
    if (this.#remembered.size > mostRemembered && oldest !== undefined) this.#remembered.delete(oldest)
  }
}

/** A denial is an answer: the secret is gone, and what is held ends with its TTL. A passing failure leaves the event open. */
function failed({ kind, code }: Failure, secretId: string): RotationResult {
  return result(kind === 'passing' ? 'rejected' : 'unchanged', code, secretId)
}

function result(outcome: RotationResult['outcome'], reason: string, secretId?: string, versionId?: string): RotationResult {
  return { outcome, reason, ...(secretId !== undefined && { secretId }), ...(versionId !== undefined && { versionId }) }
}
