import type { LoadedEvent } from '../core/events/events.js'
import type { MeteredCache } from './metrics-options.js'
import { namesOne, type SecretAttributes } from './secret-names.js'

interface Followed {
  readonly secretId: string
  readonly versionStage: string
  readonly attributes: SecretAttributes
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
    // No label holds a line break.
    this.#followed.set(`${versionStage}\n${secretId}`, { secretId, versionStage, attributes })
  }

  /** What a cache holds and may serve. Of two secrets with one name, in two accounts, the older. */
  in(cache: MeteredCache): SecretAge[] {
    const oldest = new Map<string, SecretAge>()
    for (const { secretId, versionStage, attributes } of this.#followed.values()) {
      const ageMs = cache.peek(secretId, { versionStage })?.ageMs
      if (ageMs === undefined) continue
      const series = `${versionStage}\n${attributes['awscurrent.secret.name']}`
      if (ageMs >= (oldest.get(series)?.ageMs ?? 0)) oldest.set(series, { attributes, ageMs })
    }
    return [...oldest.values()]
  }
}
