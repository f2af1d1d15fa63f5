import { checkCacheOptions, type SecretCacheOptions } from '../core/options/options.js'
import type { PerSecretSettings } from '../core/options/settings.js'
import { SecretCache } from '../core/secret-cache.js'
import { checkSecretId } from '../core/secrets/secret-id.js'

/**
 * Options of `createLambdaCache`: those of `SecretCache` except `staleWhileRevalidateMs` and `refreshSpreadMs`, which are 0 here, because
 * either would leave work for a frozen process.
 */
export interface LambdaCacheOptions extends Omit<SecretCacheOptions, 'perSecret' | 'refreshSpreadMs' | 'staleWhileRevalidateMs'> {
  /** The ids of the secrets to load in the init phase; required, may be empty. */
  secrets: readonly string[]
  /**
   * How many milliseconds a read past the TTL waits for a load before it returns the last known good value.
   * @default 900_000, the longest run of a function: a read waits until its load ends, by `loadTimeoutMs` at the latest
   */
  staleWaitMs?: number | undefined
  /** Settings of single secrets, keyed by any form of the id. They override those of the cache. */
  perSecret?: Readonly<Record<string, Omit<PerSecretSettings, 'staleWhileRevalidateMs'> | undefined>> | undefined
}

/** The longest that Lambda lets a function run. */
const longestRunMs = 900_000

/**
 * Creates a `SecretCache` for a Lambda function. Call it outside the handler: it returns at once, and its secrets load in the init phase.
 *
 * Lambda freezes the process between two invocations, so nothing is loaded in the background: past the TTL, a read waits for its load.
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
  const { perSecret } = options
  // Checked before they are changed below, so that errors name the options as they were passed.
  const given: SecretCacheOptions = options
  checkCacheOptions({ ...given, staleWhileRevalidateMs: given.staleWhileRevalidateMs ?? 0 }, 'createLambdaCache')
  return new LambdaCache(secrets, {
    ...options,
    ...(perSecret && { perSecret: withoutRevalidation(perSecret) }),
    staleWaitMs: options.staleWaitMs ?? longestRunMs,
    staleWhileRevalidateMs: 0,
    refreshSpreadMs: 0,
  })
}

/** A cache whose `idle()` waits for its warm-up too. */
class LambdaCache extends SecretCache {
  readonly #warmedUp: Promise<void>

  constructor(secrets: readonly string[], options: SecretCacheOptions) {
    super(options)
    this.#warmedUp = this.#warmUp(secrets)
  }

  override async idle(): Promise<void> {
    await this.#warmedUp
    await super.idle()
  }

  async #warmUp(secrets: readonly string[]): Promise<void> {
    for (const { secretId, outcome } of await this.warmup(secrets)) {
      // End the pause after the failure, so that the first read tries again. A value that a read has loaded meanwhile is kept.
      if (outcome === 'failed' && this.peek(secretId) === undefined) this.invalidate(secretId)
    }
  }
}

/** Overrides the setting, which the types rule out but JavaScript code may pass. */
function withoutRevalidation(perSecret: NonNullable<LambdaCacheOptions['perSecret']>): Record<string, PerSecretSettings> {
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
