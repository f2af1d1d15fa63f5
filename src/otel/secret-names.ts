import type { SecretCacheEvent } from '../core/events/events.js'

/** What tells the series of secrets apart. */
export interface SecretAttributes extends Record<string, string> {
  'awscurrent.secret.name': string
}

/** What OpenTelemetry calls a value that is not one of a known few. */
const other = '_OTHER'

/** Each secret may have some ten series, and SDKs drop what comes after 2,000. */
const mostSecrets = 200
const mostLabels = 20

/**
 * Names the secrets and their staging labels in attributes, so many of them and no more.
 *
 * Only what an answer has confirmed is used. Any other id or label may be anything: a user's input, or a value that was passed by mistake
 * where one belongs.
 */
export class SecretNames {
  readonly #named = new Set<string>()
  readonly #labels = new Set(['AWSCURRENT', 'AWSPENDING', 'AWSPREVIOUS'])

  /** Notes what an answer has confirmed. */
  confirm({ versionStage }: Pick<SecretCacheEvent, 'versionStage'>): void {
    if (versionStage !== undefined && this.#labels.size < mostLabels) this.#labels.add(versionStage)
  }

  attributesOf({ name, versionStage }: Pick<SecretCacheEvent, 'name' | 'versionStage'>): SecretAttributes {
    return {
      'awscurrent.secret.name': this.#isNamed(name) ? name : other,
      ...(versionStage !== undefined && {
        'awscurrent.version_stage': this.#labels.has(versionStage) ? versionStage : other,
      }),
    }
  }

  #isNamed(name: string | undefined): name is string {
    if (name === undefined) return false
    if (this.#named.size < mostSecrets) this.#named.add(name)
    return this.#named.has(name)
  }
}
