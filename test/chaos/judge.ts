import { type FaultLog, inSecret, type Touched } from './fault-log.js'
import type { History, Reign } from './history.js'
import type { EvictionRecord, QueryRecord, ReadRecord } from './messages.js'

/** What must hold throughout, by the title of its test. */
export const invariants = {
  value: 'no read answers a value that was never current',
  back: 'no read goes back behind a version that was seen',
  stale: 'no read in calm weather is older than TTL and window allow',
  readFailure: 'no read fails without a fault that explains it',
  lastKnownGood: 'no read fails for a transient reason while there is a last known good',
  hang: 'every read ends',
  auth: 'no query is refused with the right password',
  queryFailure: 'no query fails without a fault that explains it',
  rotation: 'every rotation succeeds in the end',
  converged: 'after the last fault every secret and every pool is right',
  trouble: 'no unhandled rejection, no exception, no warning of too many listeners',
  leaks: 'no timer, socket, handle or listener is left after everything was closed',
  exit: 'the service ends by itself once it is closed',
} as const

/** One of the things that must hold. */
export type Invariant = keyof typeof invariants

/** For how long after a fault its consequences may last. */
export interface Allowances {
  /** TTL and stale-while-revalidate, and the time that a load takes on a busy machine. */
  staleMs: number
  /** The longest pause after failures, and the deadline of the load that was under way. */
  recoveryMs: number
  /** A connection that is gone may be found out by the query after. */
  connectionMs: number
  /** The longest that a read may take: its deadline, and the time that the process was stopped. */
  longestReadMs: number
}

interface Seen {
  at: number
  index: number
}

const transient = ['ERR_SECRET_UNAVAILABLE', 'ERR_SECRET_THROTTLED', 'ERR_SECRET_TIMEOUT']

/** For so long after a version was left, an answer that names it is doubted. */
const leftRecentlyMs = 60_000

/** Holds what the service tells to what happened. */
export class Judge {
  readonly violations: { invariant: Invariant; what: string }[] = []
  readonly #history: History
  readonly #faults: FaultLog
  readonly #allowed: Allowances
  readonly #seen = new Map<string, Seen[]>()
  readonly #versionsSeen = new Set<string>()
  /** By cache and secret, since when the cache holds it for certain. */
  readonly #heldSince = new Map<string, { from: number; to: number }>()
  readonly #evictedAt = new Map<string, number>()
  reads = 0
  queries = 0
  longestReadMs = 0
  /** Failures that a fault explains, by what failed and how. */
  readonly allowedFailures: Map<string, number> = new Map()

  constructor(history: History, faults: FaultLog, allowed: Allowances) {
    this.#history = history
    this.#faults = faults
    this.#allowed = allowed
  }

  violated(invariant: Invariant, what: string): void {
    this.violations.push({ invariant, what })
  }

  read(read: ReadRecord): void {
    this.reads += 1
    const { secretId, cache, from, to, answer } = read
    const tookMs = to - from
    this.longestReadMs = Math.max(this.longestReadMs, tookMs)
    if (tookMs > this.#allowed.longestReadMs) this.violated('hang', `${secretId} (${cache}): ${Math.round(tookMs)} ms`)
    if ('code' in answer) this.#readFailed(read, answer.code)
    else this.#readAnswered(read, answer.versionId, answer.text)
  }

  /** To be told before the reads that are told at the same time: some of them came before it, some after. */
  evicted({ cache, secretId, at }: EvictionRecord): void {
    const key = `${cache} ${secretId}`
    const held = this.#heldSince.get(key)
    if (held !== undefined && at >= held.from) this.#heldSince.delete(key)
    this.#evictedAt.set(key, at)
  }

  query({ pool, succeeded, failed }: QueryRecord): void {
    this.queries += succeeded + failed.length
    for (const { from, to, code, isAuthError } of failed) {
      const what = `${pool}: ${code} after ${Math.round(to - from)} ms`
      if (isAuthError) this.violated('auth', what)
      // A pool's secret is never evicted, so there is always a last known good to log in with.
      else if (code.startsWith('ERR_SECRET')) this.violated('lastKnownGood', what)
      else if (this.#faults.overlaps([pool], from - this.#allowed.connectionMs, to)) this.#allow(`query, ${pool}: ${code}`)
      else this.violated('queryFailure', what)
    }
  }

  #readFailed(read: ReadRecord, code: string): void {
    const { secretId, cache, how } = read
    const what = `${secretId} (${cache}, ${how}): ${code}`
    const held = this.#heldSince.get(`${cache} ${secretId}`)
    if (!transient.includes(code)) this.violated('readFailure', what)
    else if (how !== 'refresh' && held !== undefined && held.to < read.from) this.violated('lastKnownGood', what)
    else if (this.#isExplained(read, code)) this.#allow(`${how === 'refresh' ? 'refresh' : 'cold read'}, ${cache} cache: ${code}`)
    else this.violated('readFailure', what)
  }

  #isExplained({ secretId, how, from, to }: ReadRecord, code: string): boolean {
    // A refresh ignores the pause after a failure, so only what it met itself explains it.
    const since = from - (how === 'refresh' ? this.#allowed.connectionMs : this.#allowed.recoveryMs)
    if (this.#faults.overlaps(touchedBy(secretId, 'service', 'process'), since, to)) return true
    // A rollback that is doubted until the deadline of the load.
    return code === 'ERR_SECRET_TIMEOUT' && this.#history.wentBackSince(secretId, from - leftRecentlyMs)
  }

  #readAnswered(read: ReadRecord, versionId: string, text: string): void {
    const { secretId, cache, from, to } = read
    this.#hold(read)
    const reigns = this.#history.reignsOf(secretId, versionId, text, to)
    const last = reigns.at(-1)
    if (last === undefined) {
      this.violated('value', `${secretId} (${cache}): version ${versionId}`)
      return
    }
    const endedAt = this.#history.endOf(secretId, last)
    if (endedAt !== undefined) {
      const touched = touchedBy(secretId, 'service', 'process', ...(cache === 'jumpy' ? ['clock'] : []))
      const calmSince = this.#faults.calmSince(touched, from) + this.#allowed.recoveryMs
      const staleMs = from - Math.max(endedAt, calmSince)
      if (staleMs > this.#allowed.staleMs) this.violated('stale', `${secretId} (${cache}): ${Math.round(staleMs)} ms too old`)
    }
    // The other cache evicts, and forgets with an entry what it has seen of it.
    if (cache === 'steady') this.#mustNotGoBack(read, reigns)
  }

  #mustNotGoBack({ secretId, from, to }: ReadRecord, reigns: readonly Reign[]): void {
    const seen = this.#seen.get(secretId) ?? []
    const floor = seen.findLast(({ at }) => at < from)?.index ?? 0
    // A version may have been current twice: the read is given the benefit of the doubt.
    const reign = reigns.find(({ index }) => index >= floor)
    const [{ versionId, index } = { versionId: '', index: 0 }] = reigns
    if (reign !== undefined) {
      if (reign.index > (seen.at(-1)?.index ?? -1)) seen.push({ at: to, index: reign.index })
      this.#seen.set(secretId, seen)
    } else if (this.#looksNew(secretId, versionId, from, to)) {
      this.#allow('read, steady cache: an old answer about a version that was skipped')
      this.#seen.set(secretId, [{ at: to, index }])
    } else {
      this.violated('back', `${secretId}: from version ${floor + 1} to ${index + 1}`)
    }
    this.#versionsSeen.add(`${secretId} ${versionId}`)
  }

  /** An old answer is known by a version that was left. One about a version that was never held looks like any new one. */
  #looksNew(secretId: string, versionId: string, from: number, to: number): boolean {
    const since = from - this.#allowed.staleMs - this.#allowed.recoveryMs
    return (
      !this.#versionsSeen.has(`${secretId} ${versionId}`) && this.#faults.overlaps(touchedBy(secretId, 'old answers'), since, to)
    )
  }

  #hold({ cache, secretId, from, to }: ReadRecord): void {
    const key = `${cache} ${secretId}`
    const evictedAt = this.#evictedAt.get(key) ?? Number.NEGATIVE_INFINITY
    if (!this.#heldSince.has(key) && from > evictedAt) this.#heldSince.set(key, { from, to })
  }

  #allow(failure: string): void {
    this.allowedFailures.set(failure, (this.allowedFailures.get(failure) ?? 0) + 1)
  }
}

/** The places whose faults may concern a secret: those of all secrets, and its own. */
function touchedBy(secretId: string, ...places: readonly string[]): Touched[] {
  return places.flatMap(place => [place, inSecret(place, secretId)])
}
