import { checkCacheOptions, type SecretCacheOptions } from './core/options/options.js'
import type { SecretSource } from './core/secrets/source.js'
import { SourceCache } from './core/source-cache.js'

export { isSecretCacheError, SecretCacheError } from './core/failures/errors.js'
export { DatabaseSecret } from './core/secrets/database-secret.js'

/** Options of the `SecretCache` of `awscurrent/cache`: those of the one in `awscurrent`, with a source instead of a Region or a client. */
export interface SourceCacheOptions extends Omit<SecretCacheOptions, 'client' | 'region' | 'source'> {
  /** Where the secrets come from; required. `liteSource` and `agentSource` need no AWS SDK. */
  source: SecretSource
}

/**
 * The `SecretCache` of `awscurrent` without the AWS SDK: a bundle that imports it from here contains no byte of the SDK.
 *
 * It reads secrets from the source that you pass, and is otherwise the same. Import the types from `awscurrent`; that adds nothing to the
 * bundle. The constructor throws a TypeError if there is no source.
 *
 * @example
 * import { SecretCache } from 'awscurrent/cache'
 * import { liteSource } from 'awscurrent/lite'
 *
 * const secrets = new SecretCache({ source: liteSource({ region: 'eu-west-1' }) })
 */
export class SecretCache extends SourceCache {
  constructor(options: SourceCacheOptions) {
    const checked = checkCacheOptions(options)
    if (checked.source === undefined) {
      throw new TypeError('source must be a SecretSource: the SecretCache of awscurrent/cache comes without the AWS SDK.')
    }
    super(checked, checked.source)
  }
}
