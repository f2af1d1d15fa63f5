import type { SecretCacheEvent } from '../core/events/events.js'

/** What tells the series of secrets apart. */
export interface SecretAttributes extends Record<string, string> {
  'awscurrent.secret.name': string
}

/** What OpenTelemetry calls a value that is not one of a known few. */
const other = '_OTHER'

/** Each secret may have some ten series, and SDKs drop what comes after 2,000. */
const mostSecrets = 200

/**
 * Names the secrets in attributes, so many of them and no more.
 *
 * Only a name that an answer has revealed is used. An id that nobody has confirmed may be anything: a user's input, or a value that was
 * passed by mistake where an id belongs.
 */
export class SecretNames {
  readonly #named = new Set<string>()

  attributesOf({ name, versionStage }: Pick<SecretCacheEvent, 'name' | 'versionStage'>): SecretAttributes {
    return {
      'awscurrent.secret.name': this.#isNamed(name) ? name : other,
      ...(versionStage !== undefined && { 'awscurrent.version_stage': versionStage }),
    }
  }

  #isNamed(name: string | undefined): name is string {
    if (name === undefined) return false
    if (this.#named.size < mostSecrets) this.#named.add(name)
    return this.#named.has(name)
  }
}

/** Whether the attributes stand for one secret and not for all the others. */
export function namesOne(attributes: SecretAttributes): boolean {
  return attributes['awscurrent.secret.name'] !== other
}
