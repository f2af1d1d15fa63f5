import { isPlainObject } from '../secrets/plain-object.js'
import { checkSecretId } from '../secrets/secret-id.js'
import type { SecretSource } from '../secrets/source.js'
import { type Clock, type CompleteClock, completeClock } from '../time/clock.js'
import { aClock, aFiniteDuration, aFlag, anything, aText, checkOptions, hasMethod, type OptionRules } from './check-options.js'
import { checkSettings, type PerSecretSettings, pickSettings, type SecretSettings, settingRules } from './settings.js'

/** A client of the AWS SDK v3: anything that sends commands. */
export interface SecretsManagerClientLike {
  // A method, so that the SDK's own overloads are assignable.
  /** Sends a command and resolves with the answer of the service. */
  send(command: never, options?: never): Promise<unknown>
}

/**
 * What `new SecretCache()` takes. Everything is optional; every duration is a number of milliseconds.
 *
 * At most one of `region`, `client` and `source` says where the secrets come from.
 */
export interface SecretCacheOptions extends PerSecretSettings {
  /** The Region of the client that the cache makes with the first load. @default what the AWS SDK finds, such as AWS_REGION */
  region?: string | undefined
  /** A client of yours. It keeps its own retries and is never closed. */
  client?: SecretsManagerClientLike | undefined
  /** Another place to read secrets from. It keeps its own retries, unless it leaves them to the cache by `singleAttempt`. */
  source?: SecretSource | undefined
  /**
   * How many values are kept: one for each secret and stage or version. The least recently used goes first.
   * @default 1_024
   */
  maxEntries?: number | undefined
  /** Settings of single secrets, by any form of their id. */
  perSecret?: Readonly<Record<string, PerSecretSettings | undefined>> | undefined
  /** The staging label that is read when a read names none. @default 'AWSCURRENT' */
  versionStage?: string | undefined
  /** The accounts, of 12 digits, whose secrets may be read. A secret of another one is refused, also when it is read by name. @default all */
  allowedAccounts?: readonly string[] | undefined
  /**
   * After a rotation event the refresh happens at a random moment within so many milliseconds, so that a fleet does not ask AWS all at once.
   * @default 0
   */
  refreshSpreadMs?: number | undefined
  /**
   * Whether a rotation event also counts if its ARN differs in the Region: for secrets with replicas, whose events another Region may
   * send.
   * @default false
   */
  matchReplicas?: boolean | undefined
  /** Where the cache reads the time. @default the clock of the machine */
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

/** Whether a method that may be left out is one if it is there. */
function mayCall(value: unknown, method: string): boolean {
  return (value as Record<string, unknown>)[method] === undefined || hasMethod(value, method)
}

/** Checks the options of a cache once, at construction. A mistake is a TypeError that names the option. */
export function checkCacheOptions(options: SecretCacheOptions = {}, owner = 'SecretCache'): CheckedOptions {
  checkOptions({ name: owner, instead: { maxAge: 'Did you mean "ttlMs"?' } }, options, rules)
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
