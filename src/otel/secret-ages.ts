import type { ErrorEvent, LoadedEvent } from '../core/events/events.js'
import type { MeteredCache } from './metrics-options.js'
import { namesOne, type SecretAttributes } from './secret-names.js'

interface Followed {
  readonly secretId: string
  readonly versionStage: string
  readonly attributes: SecretAttributes
  /** When each cache has last learned of it, as far as it was seen to hold it. */
  readonly learnedAt: WeakMap<MeteredCache, number>
  /** Whether the last load has failed, in whatever cache. */
  isFailing: boolean
}

/** How old one secret is in a cache. */
export interface SecretAge {
  readonly attributes: SecretAttributes
  readonly ageMs: number
}

/** The secrets whose age is observed: those that have been loaded by a staging label and have a name of their own in the attributes. */
export class SecretAges {
  readonly #followed = new Map<string, Followed>()

  follow({ secretId, versionStage }: LoadedEvent, attributes: SecretAttributes): void {
    if (versionStage === undefined || !namesOne(attributes)) return
    const key = keyOf(secretId, versionStage)
    const known = this.#followed.get(key)
    if (known !== undefined) known.isFailing = false
    else this.#followed.set(key, { secretId, versionStage, attributes, learnedAt: new WeakMap(), isFailing: false })
  }

  /** Notes that a secret cannot be read: its age goes on rising, also when nothing of it may be served any more. */
  fail({ secretId = '', versionStage = '' }: Pick<ErrorEvent, 'secretId' | 'versionStage'>): void {
    const followed = this.#followed.get(keyOf(secretId, versionStage))
    if (followed !== undefined) followed.isFailing = true
  }

  /** What a cache holds, or held before it could not be read. Of two secrets with one name, in two accounts, the older. */
  in(cache: MeteredCache, now: number): SecretAge[] {
    const oldest = new Map<string, SecretAge>()
    for (const followed of this.#followed.values()) {
      const ageMs = ageIn(cache, followed, now)
      if (ageMs === undefined) continue
      const { versionStage, attributes } = followed
      const series = keyOf(attributes['awscurrent.secret.name'], versionStage)
      if (ageMs >= (oldest.get(series)?.ageMs ?? 0)) oldest.set(series, { attributes, ageMs })
    }
    return [...oldest.values()]
  }
}

function ageIn(cache: MeteredCache, { secretId, versionStage, learnedAt, isFailing }: Followed, now: number): number | undefined {
  const ageMs = cache.peek(secretId, { versionStage })?.ageMs
  if (ageMs !== undefined) {
    learnedAt.set(cache, now - ageMs)
    return ageMs
  }
  // What was evicted, or deleted from the cache, ages no more.
  if (!isFailing) learnedAt.delete(cache)
  const since = learnedAt.get(cache)
  return since === undefined ? undefined : Math.max(0, now - since)
}

/** No label holds a line break. */
function keyOf(secretId: string, versionStage: string): string {
  return `${versionStage}\n${secretId}`
}
