import type { ErrorEvent, LoadedEvent } from '../core/events/events.js'
import { RecentlyUsed } from '../signals/recently-used.js'
import type { MeteredCache } from './metrics-options.js'
import type { SecretAttributes } from './secret-names.js'
import { type Servable, servableIn } from './servable.js'

interface Followed {
  readonly secretId: string
  readonly versionStage: string
  readonly attributes: SecretAttributes
  /** When each cache last confirmed its version. */
  readonly learnedAt: WeakMap<MeteredCache, number>
  /** The caches whose last load of the secret failed. */
  readonly failingIn: WeakSet<MeteredCache>
}

/** The age of one secret in a cache, and how long it may still be served. */
export interface SecretAge extends Partial<Servable> {
  readonly attributes: SecretAttributes
  readonly ageMs: number
}

const mostFollowed = 10_000

/** The ages of secrets that were loaded by a staging label. */
export class SecretAges {
  readonly #followed = new RecentlyUsed<string, Followed>(mostFollowed)

  follow({ secretId, versionStage }: Pick<LoadedEvent, 'secretId' | 'versionStage'>, attributes: SecretAttributes): void {
    if (versionStage === undefined) return
    const key = keyOf(secretId, versionStage)
    if (this.#followed.get(key) !== undefined) return
    this.#followed.set(key, { secretId, versionStage, attributes, learnedAt: new WeakMap(), failingIn: new WeakSet() })
  }

  /** Records that a cache has loaded a secret. */
  learn(cache: MeteredCache, { secretId, versionStage = '' }: Pick<LoadedEvent, 'secretId' | 'versionStage'>, now: number): void {
    const followed = this.#followed.get(keyOf(secretId, versionStage))
    followed?.failingIn.delete(cache)
    followed?.learnedAt.set(cache, now - (cache.peek(secretId, { versionStage })?.ageMs ?? 0))
  }

  /** Records that a cache cannot read a secret: its age keeps rising, even when the value may no longer be served. */
  fail(cache: MeteredCache, { secretId = '', versionStage = '' }: Pick<ErrorEvent, 'secretId' | 'versionStage'>): void {
    this.#followed.get(keyOf(secretId, versionStage))?.failingIn.add(cache)
  }

  /** The ages of the secrets that a cache holds, or held before loads failed. For secrets with the same attributes, those of the oldest. */
  in(cache: MeteredCache, now: number): SecretAge[] {
    const oldest = new Map<string, SecretAge>()
    for (const followed of this.#followed.values()) {
      const ageMs = ageIn(cache, followed, now)
      if (ageMs === undefined) continue
      const { attributes } = followed
      const series = keyOf(attributes['awscurrent.secret.name'], attributes['awscurrent.version_stage'])
      if (ageMs < (oldest.get(series)?.ageMs ?? 0)) continue
      const { secretId, versionStage } = followed
      oldest.set(series, { attributes, ageMs, ...servableIn(cache, secretId, { versionStage }) })
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
  // A secret that was evicted or deleted from the cache has no age, unless a later load of it failed.
  const since = failingIn.has(cache) ? learnedAt.get(cache) : undefined
  return since === undefined ? undefined : Math.max(0, now - since)
}

/** A label contains no line break. */
function keyOf(secretId: string, versionStage = ''): string {
  return `${versionStage}\n${secretId}`
}
