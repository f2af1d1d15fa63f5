import { isPlainObject } from '../secrets/plain-object.js'
import { checkSecretId } from '../secrets/secret-id.js'
import type { SecretSource } from '../secrets/source.js'
import { type Clock, type CompleteClock, completeClock } from '../time/clock.js'
import { aClock, aFiniteDuration, aFlag, anything, aText, checkOptions, hasMethod, type OptionRules } from './check-options.js'
import { checkSettings, type PerSecretSettings, pickSettings, type SecretSettings, settingRules } from './settings.js'

/** A `SecretsManagerClient` of the AWS SDK v3, or anything else with its `send` method. */
export interface SecretsManagerClientLike {
  // A method, so that the SDK's own overloads are assignable.
  /** Sends a command and resolves with the response of the service. */
  send(command: never, options?: never): Promise<unknown>
}

/**
 * Options of `new SecretCache()`. All are optional; every duration is a number of milliseconds.
 *
 * Pass at most one of `region`, `client` and `source`: each says where the secrets come from. A mistake throws a TypeError that names the
 * option.
 *
 * @example
 * const secrets = new SecretCache({ region: 'eu-west-1', perSecret: { 'prod/flags': { ttlMs: 30_000 } } })
 */
export interface SecretCacheOptions extends PerSecretSettings {
  /** The Region of the client that the cache creates with the first load. @default what the AWS SDK finds, such as AWS_REGION */
  region?: string | undefined
  /** Your own client of the AWS SDK. It keeps its own retries, the cache adds none, and `close` does not close it. */
  client?: SecretsManagerClientLike | undefined
  /** Another place to read secrets from. It keeps its own retries, unless it leaves them to the cache with `singleAttempt`. */
  source?: SecretSource | undefined
  /**
   * How many values are kept: one for each secret and stage or version. The least recently used one is evicted first, and the next read
   * of it makes a call.
   * @default 1_024
   */
  maxEntries?: number | undefined
  /** Settings of single secrets, from `ttlMs` to `backoff`, keyed by any form of the id. They override those of the cache. */
  perSecret?: Readonly<Record<string, PerSecretSettings | undefined>> | undefined
  /** The staging label to read when a read names none. @default 'AWSCURRENT' */
  versionStage?: string | undefined
  /** The account ids, of 12 digits, whose secrets may be read. A secret of any other is rejected, also when it is read by name. @default all */
  allowedAccounts?: readonly string[] | undefined
  /**
   * After a rotation event, the refresh starts at a random moment within this many milliseconds, so that a fleet does not call AWS all at
   * once. Until then, reads may return the old version.
   * @default 0
   */
  refreshSpreadMs?: number | undefined
  /**
   * Whether to accept a rotation event whose ARN differs in the Region: for secrets with replicas, whose events may come from another
   * Region.
   * @default false
   */
  matchReplicas?: boolean | undefined
  /** The clock of the cache, such as the `ManualClock` of `awscurrent/testing`. @default the clock of the machine */
  clock?: Clock | undefined
}

/** The options after they were checked: copied, complete, frozen. */
export interface CheckedOptions {
  region: string | undefined
  client: SecretsManagerClientLike | undefined
  source: SecretSource | undefined
  maxEntries: number
  settings: SecretSettings
  perSecret: ReadonlyMap<string, SecretSettings>
  versionStage: string
  allowedAccounts: ReadonlySet<string> | undefined
  refreshSpreadMs: number
  matchReplicas: boolean
  clock: CompleteClock
}

const rules: OptionRules = {
  ...settingRules,
  region: aText,
  client: value =>
    hasMethod(value, 'send') ? undefined : 'a SecretsManagerClient of the AWS SDK v3, or anything with a send method',
  source: value =>
    hasMethod(value, 'get') && ['getMany', 'close'].every(method => mayCall(value, method))
      ? undefined
      : 'a SecretSource: an object with a get method, and with getMany and close if it has them',
  maxEntries: value =>
    Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 1_000_000
      ? undefined
      : 'a whole number from 1 to 1,000,000',
  perSecret: anything,
  versionStage: aText,
  allowedAccounts: value =>
    Array.isArray(value) && value.length > 0 && value.every(account => typeof account === 'string' && /^\d{12}$/.test(account))
      ? undefined
      : 'a list of account numbers, each a string of 12 digits',
  refreshSpreadMs: aFiniteDuration,
  matchReplicas: aFlag,
  clock: aClock,
}

const ofClient = 'Pass { client }, a SecretsManagerClient with that option.'

/** Hints for options of other caches, and of the client. */
const instead = {
  maxAge: 'Did you mean "ttlMs"?',
  endpoint: ofClient,
  credentials: ofClient,
  profile: ofClient,
  maxAttempts: ofClient,
}

/** Whether an optional method is either left out or a function. */
function mayCall(value: unknown, method: string): boolean {
  return (value as Record<string, unknown>)[method] === undefined || hasMethod(value, method)
}

/** Checks the options of a cache once, at construction. A mistake throws a TypeError that names the option. */
export function checkCacheOptions(options: SecretCacheOptions = {}, owner = 'SecretCache'): CheckedOptions {
  checkOptions({ name: owner, instead }, options, rules)
  const origins = (['region', 'client', 'source'] as const).filter(name => options[name] !== undefined)
  if (origins.length > 1)
    throw new TypeError(`Pass one of ${origins.join(' and ')}, not both: each says where the secrets come from.`)

  const own = pickSettings(options)
  const settings = checkSettings(owner, own)
  return Object.freeze({
    region: options.region,
    client: options.client,
    source: options.source,
    maxEntries: options.maxEntries ?? 1_024,
    settings,
    perSecret: perSecretSettings(owner, options.perSecret, own),
    versionStage: options.versionStage ?? 'AWSCURRENT',
    allowedAccounts: options.allowedAccounts && new Set(options.allowedAccounts),
    refreshSpreadMs: options.refreshSpreadMs ?? 0,
    matchReplicas: options.matchReplicas ?? false,
    clock: completeClock(options.clock),
  })
}

function perSecretSettings(owner: string, perSecret: unknown, common: PerSecretSettings): Map<string, SecretSettings> {
  const checked = new Map<string, SecretSettings>()
  if (perSecret === undefined) return checked
  if (!isPlainObject(perSecret)) throw new TypeError('perSecret must be a plain object of settings by secret id.')
  for (const [secretId, settings] of Object.entries(perSecret)) {
    if (settings === undefined) continue
    const place = `perSecret['${secretId}']`
    try {
      checkSecretId(secretId)
    } catch (error) {
      throw new TypeError(`${place} is not for a secret: ${(error as Error).message}`)
    }
    checked.set(secretId, checkSettings(owner, settings as PerSecretSettings, { common, place }))
  }
  return checked
}
