import { sdkSource } from './loads/sdk-source.js'
import { checkCacheOptions, type SecretCacheOptions } from './options/options.js'
import { SourceCache } from './source-cache.js'

/**
 * Reads secrets from AWS Secrets Manager and keeps them fresh.
 *
 * One instance serves a process. A read is answered from memory while its value is fresh, shares one call with all who ask at the same
 * time when it is not, and gets the last known good value while the service is down. Every failed read rejects with a
 * `SecretCacheError` with a stable `code`; an aborted one with the signal's own reason.
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
