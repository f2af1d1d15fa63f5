import type { SecretCacheEvent } from '../core/events/events.js'

/** The attributes of the series of a secret. */
export interface SecretAttributes extends Record<string, string> {
  'awscurrent.secret.name': string
}

/** The value that OpenTelemetry prescribes for anything outside a known set. */
const other = '_OTHER'

/** Each secret may have some ten series, and SDKs drop series beyond 2,000. */
const mostSecrets = 200
const mostLabels = 20

/**
 * The names of secrets and their staging labels in attributes, up to a fixed number.
 *
 * Only names and labels that a response has confirmed are used. Any other id or label may be user input, or even the value of a secret that
 * was passed as an id by mistake.
 */
export class SecretNames {
  readonly #named = new Set<string>()
  readonly #labels = new Set(['AWSCURRENT', 'AWSPENDING', 'AWSPREVIOUS'])

  /** Records a label that a response has confirmed. */
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
