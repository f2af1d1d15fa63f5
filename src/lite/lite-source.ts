import type { SecretSource } from '../core/secrets/source.js'
import { completeClock } from '../core/time/clock.js'
import { secretFromWire, type WireSecret } from './answer.js'
import { checkLiteOptions, type LiteSourceOptions } from './lite-options.js'
import { secretsManager } from './secrets-manager.js'
import { openService } from './service.js'

/** The outputs of the calls in AWS JSON. */
interface Outputs {
  BatchGetSecretValue: { SecretValues?: WireSecret[]; Errors?: { SecretId: string; ErrorCode: string; Message: string }[] }
  GetSecretValue: WireSecret
}

/**
 * Creates a source that reads AWS Secrets Manager without the AWS SDK: for a faster cold start of a function that does not need the SDK.
 *
 * It calls the service over HTTPS, signs with the package `aws4`, and finds credentials in the environment (AWS_ACCESS_KEY_ID …) or at the
 * endpoint of the container (ECS, EKS Pod Identity, Lambda SnapStart). For profiles, SSO, web identity and instance roles, use the SDK. It
 * makes one attempt, and the cache retries as it does for its own client. Rejects as the SDK does, with the `name` of the exception, and
 * with ERR_SECRET_CREDENTIALS if there are no credentials.
 *
 * @example
 * import { SecretCache } from 'awscurrent/cache'
 * import { liteSource } from 'awscurrent/lite'
 *
 * const secrets = new SecretCache({ source: liteSource({ region: 'eu-west-1' }) })
 */
export function liteSource(options: LiteSourceOptions = {}): Required<Omit<SecretSource, 'accountId' | 'subscribe'>> {
  const checked = checkLiteOptions('liteSource', options)
  const service = openService<Outputs>(secretsManager, checked, completeClock(checked.clock))
  return {
    singleAttempt: true,

    async get({ secretId, versionStage, versionId }, options) {
      const input = { SecretId: secretId, VersionStage: versionStage, VersionId: versionId }
      return secretFromWire(await service.call('GetSecretValue', input, options))
    },

    async getMany(secretIds, options) {
      const { SecretValues = [], Errors = [] } = await service.call('BatchGetSecretValue', { SecretIdList: secretIds }, options)
      const errors = Errors.map(({ SecretId, ErrorCode, Message }) => ({ secretId: SecretId, code: ErrorCode, message: Message }))
      await service.noteOn(errors)
      return { values: SecretValues.map(secretFromWire), errors }
    },

    close: service.close,
  }
}
