import { sdkSource } from './loads/sdk-source.js'
import { checkCacheOptions, type SecretCacheOptions } from './options/options.js'
import { SourceCache } from './source-cache.js'

/**
 * A cache of secrets from AWS Secrets Manager that keeps them fresh.
 *
 * Create one instance per process. A read returns a fresh value from memory; otherwise it shares one call with all concurrent readers, and
 * it returns the last known good value while the service is down. A failed read rejects with a `SecretCacheError` with a stable `code`, an
 * aborted one with the reason of its signal. The constructor throws a TypeError for an invalid option.
 *
 * @example
 * const secrets = new SecretCache({ region: 'eu-west-1' })
 * const apiKey = await secrets.getSecretString('prod/api-key')
 * const { username, password } = await secrets.getSecretJson('prod/db', DatabaseSecret)
 */
export class SecretCache extends SourceCache {
  constructor(options?: SecretCacheOptions) {
    const checked = checkCacheOptions(options)
    super(checked, checked.source ?? sdkSource(checked))
  }
}
