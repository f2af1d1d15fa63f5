import type { ErrorEvent, LoadedEvent } from '../core/events/events.js'
import { RecentlyUsed } from '../signals/recently-used.js'
import type { MeteredCache } from './metrics-options.js'
import type { SecretAttributes } from './secret-names.js'

interface Followed {
  readonly secretId: string
  readonly versionStage: string
  readonly attributes: SecretAttributes
  /** When each cache has last learned of it. */
  readonly learnedAt: WeakMap<MeteredCache, number>
  /** The caches whose last load of it has failed. */
  readonly failingIn: WeakSet<MeteredCache>
}

/** How old one secret is in a cache. */
export interface SecretAge {
  readonly attributes: SecretAttributes
  readonly ageMs: number
}

const mostFollowed = 10_000

/** The secrets whose age is observed: those that have been loaded by a staging label. */
export class SecretAges {
  readonly #followed = new RecentlyUsed<string, Followed>(mostFollowed)

  follow({ secretId, versionStage }: Pick<LoadedEvent, 'secretId' | 'versionStage'>, attributes: SecretAttributes): void {
    if (versionStage === undefined) return
    const key = keyOf(secretId, versionStage)
    if (this.#followed.get(key) !== undefined) return
    this.#followed.set(key, { secretId, versionStage, attributes, learnedAt: new WeakMap(), failingIn: new WeakSet() })
  }

  /** Notes that a cache has learned of a secret. */
  learn(cache: MeteredCache, { secretId, versionStage = '' }: Pick<LoadedEvent, 'secretId' | 'versionStage'>, now: number): void {
    const followed = this.#followed.get(keyOf(secretId, versionStage))
    followed?.failingIn.delete(cache)
    followed?.learnedAt.set(cache, now - (cache.peek(secretId, { versionStage })?.ageMs ?? 0))
  }

  /** Notes that a cache cannot read a secret: its age goes on rising there, also when nothing of it may be served any more. */
  fail(cache: MeteredCache, { secretId = '', versionStage = '' }: Pick<ErrorEvent, 'secretId' | 'versionStage'>): void {
    this.#followed.get(keyOf(secretId, versionStage))?.failingIn.add(cache)
  }

  /** What a cache holds, or held before it could not be read. Of several secrets with the same attributes, the oldest. */
  in(cache: MeteredCache, now: number): SecretAge[] {
    const oldest = new Map<string, SecretAge>()
    for (const followed of this.#followed.values()) {
      const ageMs = ageIn(cache, followed, now)
      if (ageMs === undefined) continue
      const { attributes } = followed
      const series = keyOf(attributes['awscurrent.secret.name'], attributes['awscurrent.version_stage'])
      if (ageMs >= (oldest.get(series)?.ageMs ?? 0)) oldest.set(series, { attributes, ageMs })
    }
    return [...oldest.values()]
  }
}

function ageIn(cache: MeteredCache, { secretId, versionStage, learnedAt, failingIn }: Followed, now: number): number | undefined {
  const ageMs = cache.peek(secretId, { versionStage })?.ageMs
  if (ageMs !== undefined) {
    learnedAt.set(cache, now - ageMs)
    return ageMs
  }
  // What was evicted, or deleted from the cache, ages no more, unless it is read again in vain.
  const since = failingIn.has(cache) ? learnedAt.get(cache) : undefined
  return since === undefined ? undefined : Math.max(0, now - since)
}

/** No label holds a line break. */
function keyOf(secretId: string, versionStage = ''): string {
  return `${versionStage}\n${secretId}`
}
