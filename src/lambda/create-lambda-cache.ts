import { checkCacheOptions, type SecretCacheOptions } from '../core/options/options.js'
import type { PerSecretSettings } from '../core/options/settings.js'
import type { SecretCache } from '../core/secret-cache.js'
import { checkSecretId } from '../core/secrets/secret-id.js'
import { executionEnvironment } from './execution-environment.js'
import { LambdaCache } from './lambda-cache.js'

/** Options of `createLambdaCache`: those of `SecretCache`. What would leave work for a frozen process only applies where nothing freezes. */
export interface LambdaCacheOptions extends SecretCacheOptions {
  /** The ids of the secrets to load in the init phase; required, may be empty. */
  secrets: readonly string[]
  /**
   * As in `SecretCache` on Lambda Managed Instances, which are not frozen; elsewhere 0, whatever is passed, also for single secrets.
   * @default 60_000 on Lambda Managed Instances
   */
  staleWhileRevalidateMs?: number | undefined
  /**
   * As in `SecretCache` on Lambda Managed Instances, which are not frozen; elsewhere 0, whatever is passed.
   * @default 0
   */
  refreshSpreadMs?: number | undefined
  /**
   * How many milliseconds a read past the TTL waits for a load before it returns the last known good value.
   * @default 500 on Lambda Managed Instances; elsewhere 900_000, the longest run of a function: a read waits until its load ends, by
   * `loadTimeoutMs` at the latest
   */
  staleWaitMs?: number | undefined
}

/** The longest that Lambda lets a function run. */
const longestRunMs = 900_000

/**
 * Creates a `SecretCache` for a Lambda function. Call it outside the handler: it returns at once, and its secrets load in the init phase.
 *
 * Lambda freezes the process between two invocations, so nothing is loaded in the background: past the TTL, a read waits for its load.
 * Lambda Managed Instances freeze nothing and run invocations at the same time: there the cache works as in a service, with stale values
 * while a load runs in the background. `AWS_LAMBDA_INITIALIZATION_TYPE` tells which of the two it is.
 *
 * Wrap the handler with `withSecrets`, or use `secretsMiddleware`; otherwise a load that nobody waits for may be frozen midway. A secret
 * that cannot be loaded in the init phase causes an `error` event and no rejection: the first read tries again. Throws a TypeError for an
 * invalid option.
 *
 * @example
 * const secrets = createLambdaCache({ secrets: ['prod/db', 'prod/api-key'] })
 * secrets.on('error', ({ error }) => console.warn(error.message))
 *
 * export const handler = withSecrets(secrets, async event => {
 *   const { username, password } = await secrets.getSecretJson('prod/db', DatabaseSecret)
 * })
 */
export function createLambdaCache({ secrets, ...options }: LambdaCacheOptions = {} as LambdaCacheOptions): SecretCache {
  checkSecrets(secrets)
  const { isFrozen } = executionEnvironment()
  // Checked before they are changed below, so that errors name the options as they were passed.
  const checked = isFrozen ? { ...options, staleWhileRevalidateMs: options.staleWhileRevalidateMs ?? 0 } : options
  checkCacheOptions(checked, 'createLambdaCache')
  return new LambdaCache(secrets, isFrozen ? withoutWorkInTheBackground(options) : options)
}

function withoutWorkInTheBackground(options: SecretCacheOptions): SecretCacheOptions {
  const { perSecret, staleWaitMs = longestRunMs } = options
  return {
    ...options,
    ...(perSecret && { perSecret: withoutRevalidation(perSecret) }),
    staleWaitMs,
    staleWhileRevalidateMs: 0,
    refreshSpreadMs: 0,
  }
}

function withoutRevalidation(perSecret: NonNullable<SecretCacheOptions['perSecret']>): Record<string, PerSecretSettings> {
  const settings = Object.entries(perSecret)
  return Object.fromEntries(settings.map(([secretId, own]) => [secretId, { ...own, staleWhileRevalidateMs: 0 }]))
}

function checkSecrets(secrets: unknown): void {
  if (!Array.isArray(secrets)) throw new TypeError('secrets must be a list of secret ids.')
  for (const [index, secretId] of secrets.entries()) {
    try {
      checkSecretId(secretId)
    } catch (error) {
      throw new TypeError(`secrets[${index}] is not a secret id: ${(error as Error).message}`)
    }
  }
}
