import { checkCacheOptions, type SecretCacheOptions } from '../core/options/options.js'
import type { PerSecretSettings } from '../core/options/settings.js'
import { SecretCache } from '../core/secret-cache.js'
import { checkSecretId } from '../core/secrets/secret-id.js'

/**
 * What `createLambdaCache` takes: the options of `SecretCache` but `staleWhileRevalidateMs` and `refreshSpreadMs`, which are 0 here.
 * Either would leave something to do for a process that is frozen.
 */
export interface LambdaCacheOptions extends Omit<SecretCacheOptions, 'perSecret' | 'refreshSpreadMs' | 'staleWhileRevalidateMs'> {
  /** The ids of the secrets that are loaded in the init phase. */
  secrets: readonly string[]
  /**
   * How long a read past the TTL waits for a load before it takes the last known good.
   * @default 900_000, as long as a function may run: a read waits for its load, which `loadTimeoutMs` ends
   */
  staleWaitMs?: number | undefined
  /** Settings of single secrets, by any form of their id. */
  perSecret?: Readonly<Record<string, Omit<PerSecretSettings, 'staleWhileRevalidateMs'> | undefined>> | undefined
}

/** The longest that Lambda lets a function run. */
const longestRunMs = 900_000

/**
 * A `SecretCache` for a Lambda function. Call it outside the handler: it returns at once, and its secrets load in the init phase.
 *
 * Lambda freezes the process between two invocations, so nothing runs behind a read: past the TTL a read waits for its load. Wrap the
 * handler with `withSecrets`, or use `secretsMiddleware`; else a load that nobody waits for may be frozen in its middle. A secret
 * that cannot be loaded in the init phase is an `error` event and ends nothing: the first read tries again.
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
  // Before they are changed below: what is wrong is to be found as it was passed.
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
      // Ends the pause after the failure, so that the first read tries again. What a read has found meanwhile stays.
      if (outcome === 'failed' && this.peek(secretId) === undefined) this.invalidate(secretId)
    }
  }
}

/** From JavaScript, a value may be there that the types rule out. */
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
