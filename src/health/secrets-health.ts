import type { Entry } from '../core/entries/entry.js'
import type { Trouble } from '../core/entries/freshness.js'
import type { Writes } from '../core/loads/writes.js'
import { within } from '../core/time/within.js'
import type { HealthCache } from './health-options.js'
import type { SecretFailure, SecretHealth } from './report.js'

/** How long a check waits for loads. A probe of Kubernetes fails after a second. */
const mostForLoadsMs = 800

/** The secrets of one cache. */
export class SecretsHealth {
  readonly #cacheName: string
  readonly #cache: HealthCache
  readonly #inside: Writes
  readonly #required: readonly string[] | undefined

  constructor(cacheName: string, cache: HealthCache, required: readonly string[] | undefined) {
    this.#cacheName = cacheName
    this.#cache = cache
    this.#inside = (cache as unknown as { inside(): Writes }).inside()
    this.#required = required
  }

  /** Whether a load of a secret has ended. */
  knows(secretId: string): boolean {
    return isKnown(this.#inside.context.index.peek(secretId))
  }

  /** Reads what is required and due to be read again: a secret that nobody reads would look well for ever. Never rejects. */
  async read(alsoRead: readonly string[]): Promise<void> {
    const { clock } = this.#inside.context
    const due = this.#entries()
      .filter(entry => this.#isRequired(entry) && entry.phaseAt(clock.now()) !== 'fresh')
      .map(({ record }) => record.idToSend())
    const reads = [...due, ...alsoRead].map(id => this.#cache.getSecret(id))
    if (reads.length > 0) await within(this.#cache.clock, mostForLoadsMs, () => Promise.allSettled(reads)).catch(() => {})
  }

  report(): SecretHealth[] {
    return this.#entries().map(entry => this.#reportOf(entry))
  }

  /** At the stage that the cache reads by default: a label such as AWSPENDING need not exist. */
  #entries(): Entry[] {
    const entries = this.#inside.context.index.all().map(({ current }) => current)
    return entries.filter(isKnown)
  }

  #isRequired(entry: Entry): boolean {
    // An id that no response has confirmed may come from a request: it must not make the process unready.
    return this.#required?.some(id => this.#inside.context.index.peek(id) === entry) ?? entry.record.arn !== undefined
  }

  #reportOf(entry: Entry): SecretHealth {
    const { context } = this.#inside
    const now = context.clock.now()
    const state = entry.phaseAt(now)
    const { held, trouble, record } = entry
    const toWall = (at: number): number => Math.round(this.#cache.clock.now() + at - now)
    const servableUntil = held && held.loadedAt + held.freshMs + (trouble?.servableMs ?? record.settings.staleIfErrorMs)
    return {
      cache: this.#cacheName,
      secretId: record.id,
      required: this.#isRequired(entry),
      state,
      versionId: held?.versionId,
      ageMs: held && now - held.loadedAt,
      servableUntil:
        state === 'gone' || servableUntil === undefined || servableUntil === Infinity ? undefined : toWall(servableUntil),
      lastFailure: trouble && failureOf(trouble, toWall),
      lastEvent:
        trouble !== undefined
          ? { type: 'error', at: toWall(trouble.failedAt) }
          : held && { type: 'loaded', at: toWall(held.loadedAt) },
    }
  }
}

/** Whether a load has ended. */
function isKnown(entry: Entry | undefined): entry is Entry {
  return entry?.held !== undefined || entry?.trouble !== undefined
}

function failureOf({ failure, failedAt }: Trouble, toWall: (at: number) => number): SecretFailure {
  const { kind, code, cause, hint } = failure
  return { kind, code, cause: cause.name, hint, at: toWall(failedAt) }
}
