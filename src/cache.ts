import { checkCacheOptions, type SecretCacheOptions } from './core/options/options.js'
import type { SecretSource } from './core/secrets/source.js'
import { SourceCache } from './core/source-cache.js'

export { isSecretCacheError, SecretCacheError } from './core/failures/errors.js'
export { DatabaseSecret } from './core/secrets/database-secret.js'

/** What `new SecretCache()` of `awscurrent/cache` takes: the options of the other, with a source instead of a Region or a client. */
export interface SourceCacheOptions extends Omit<SecretCacheOptions, 'client' | 'region' | 'source'> {
  /** Where the secrets come from. */
  source: SecretSource
}

/**
 * The `SecretCache` of `awscurrent` without the AWS SDK: a bundle that imports it from here holds no byte of that.
 *
 * It reads secrets from the source that it is given, and is the same in everything else. Types are imported from `awscurrent`, at no cost.
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
