import type { SecretCacheEvent } from '../core/events/events.js'
import { RecentlyUsed } from '../signals/recently-used.js'

/** The attributes of the series of a secret. */
export interface SecretAttributes extends Record<string, string> {
  'awscurrent.secret.name': string
}

/** The value that OpenTelemetry prescribes for anything outside a known set. */
const other = '_OTHER'

/** Each secret may have some ten series, and SDKs drop series beyond 2,000. */
export const mostSecrets = 200
const mostLabels = 20
const mostIds = 10_000

/**
 * The names of secrets and their staging labels in attributes, up to a fixed number.
 *
 * Only names and labels that a response has confirmed are used. Any other id or label may be user input, or even the value of a secret that
 * was passed as an id by mistake.
 */
export class SecretNames {
  readonly #named = new Set<string>()
  readonly #labels = new Set(['AWSCURRENT', 'AWSPENDING', 'AWSPREVIOUS'])
  /** The names of secrets by the ids that were used for them: the events of pools have no names. */
  readonly #byId = new RecentlyUsed<string, string>(mostIds)

  /** Records what a response has confirmed. */
  confirm({ secretId, arn, name, versionStage }: Pick<SecretCacheEvent, 'secretId' | 'arn' | 'name' | 'versionStage'>): void {
    if (versionStage !== undefined && this.#labels.size < mostLabels) this.#labels.add(versionStage)
    if (name === undefined) return
    for (const id of [secretId, arn, name]) if (id !== undefined) this.#byId.set(id, name)
  }

  attributesOf({ name, versionStage }: Pick<SecretCacheEvent, 'name' | 'versionStage'>): SecretAttributes {
    return {
      'awscurrent.secret.name': this.#isNamed(name) ? name : other,
      ...(versionStage !== undefined && {
        'awscurrent.version_stage': this.#labels.has(versionStage) ? versionStage : other,
      }),
    }
  }

  /** Whether the name of the secret with this id is known. */
  knows(secretId: string): boolean {
    return this.#byId.has(secretId)
  }

  /** The attributes of a pool that follows a secret; none for a pool whose logins are not those of a secret. */
  attributesOfId(secretId: string | undefined): Record<string, string> {
    return secretId === undefined ? {} : this.attributesOf({ name: this.#byId.get(secretId), versionStage: undefined })
  }

  #isNamed(name: string | undefined): name is string {
    if (name === undefined) return false
    if (this.#named.size < mostSecrets) this.#named.add(name)
    return this.#named.has(name)
  }
}
