import { checkSecretId } from '../secrets/secret-id.js'
import type { SecretSource } from '../secrets/source.js'
import { type Clock, type CompleteClock, completeClock } from '../time/clock.js'
import { aClock, aFiniteDuration, aFlag, aText, hasMethod, type OptionRule } from './check-options.js'
import { defaultSettings, overlay, type PerSecretSettings, type SecretSettings } from './settings.js'

/** A client of the AWS SDK v3: anything that sends commands. */
export interface SecretsManagerClientLike {
  // A method, so that the SDK's own overloads are assignable.
  send(command: never, options?: never): Promise<unknown>
}

/**
 * What `new SecretCache()` takes. Everything is optional; every duration is a number of milliseconds.
 *
 * At most one of `region`, `client` and `source` says where the secrets come from.
 */
export interface SecretCacheOptions extends PerSecretSettings {
  /** The Region of the client that the cache makes with the first load. @default what the AWS SDK finds, such as AWS_REGION */
  region?: string
  /** A client of yours. It keeps its own retries and is never closed. */
  client?: SecretsManagerClientLike
  /** Another place to read secrets from. It keeps its own retries, unless it leaves them to the cache by `singleAttempt`. */
  source?: SecretSource
  /**
   * How many values are kept: one for each secret and stage or version. The least recently used goes first.
   * @default 1_024
   */
  maxEntries?: number
  /** Settings of single secrets, by any form of their id. */
  perSecret?: Readonly<Record<string, PerSecretSettings>>
  /** The staging label that is read when a read names none. @default 'AWSCURRENT' */
  versionStage?: string
  /** The accounts, of 12 digits, whose secrets may be read. A secret of another one is refused, also when it is read by name. @default all */
  allowedAccounts?: readonly string[]
  /**
   * After a rotation event the refresh happens at a random moment within so many milliseconds, so that a fleet does not ask AWS all at once.
   * @default 0
   */
  refreshSpreadMs?: number
  /**
   * Whether a rotation event is also heeded if its ARN differs in the Region: for secrets with replicas, whose events another Region may
   * send.
   * @default false
   */
  matchReplicas?: boolean
  /** Where the cache reads the time. @default the clock of the machine */
  clock?: Clock
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

const duration: OptionRule = value => (isNumber(value) && value >= 0 ? undefined : 'a number of milliseconds, 0 or more')
const positiveDuration: OptionRule = value =>
  isNumber(value) && value > 0 && value < Infinity ? undefined : 'a finite number of milliseconds above 0'

const backoffRules: Record<string, OptionRule> = {
  initialMs: positiveDuration,
  factor: value => (isNumber(value) && value >= 1 && value < Infinity ? undefined : 'a finite number of at least 1'),
  maxMs: positiveDuration,
}

const settingRules: Record<string, OptionRule> = {
  ttlMs: duration,
  ttlJitter: value => (isNumber(value) && value >= 0 && value <= 1 ? undefined : 'a number from 0 to 1'),
  staleWhileRevalidateMs: duration,
  staleIfErrorMs: duration,
  staleIfDeniedMs: duration,
  staleWaitMs: duration,
  loadTimeoutMs: positiveDuration,
  backoff: value => (isObject(value) ? undefined : 'an object such as { initialMs, factor, maxMs }'),
}

const rules: Record<string, OptionRule> = {
  ...settingRules,
  region: aText,
  client: value =>
    hasMethod(value, 'send') ? undefined : 'a SecretsManagerClient of the AWS SDK v3, or anything with a send method',
  source: value => (hasMethod(value, 'get') ? undefined : 'a SecretSource: an object with a get method'),
  maxEntries: value =>
    isNumber(value) && Number.isInteger(value) && value >= 1 && value <= 1_000_000
      ? undefined
      : 'a whole number from 1 to 1,000,000',
  perSecret: value => (isObject(value) ? undefined : 'an object of settings by secret id'),
  versionStage: aText,
  allowedAccounts: value =>
    Array.isArray(value) && value.length > 0 && value.every(account => typeof account === 'string' && /^\d{12}$/.test(account))
      ? undefined
      : 'a list of account numbers, each a string of 12 digits',
  refreshSpreadMs: aFiniteDuration,
  matchReplicas: aFlag,
  clock: aClock,
}

/** Checks the options once, at construction. A mistake is a TypeError that names the option. */
export function checkOptions(options: SecretCacheOptions = {}): CheckedOptions {
  if (!isObject(options))
    throw new TypeError(`SecretCache takes an object of options, not ${options === null ? 'null' : typeof options}.`)
  check(options, rules, '')
  checkBackoff(options.backoff, '')
  const origins = (['region', 'client', 'source'] as const).filter(name => options[name] !== undefined)
  if (origins.length > 1)
    throw new TypeError(`Pass one of ${origins.join(' and ')}, not both: each says where the secrets come from.`)

  const settings = overlay(defaultSettings, pickSettings(options))
  return Object.freeze({
    region: options.region,
    client: options.client,
    source: options.source,
    maxEntries: options.maxEntries ?? 1_024,
    settings,
    perSecret: perSecretSettings(options.perSecret ?? {}, settings),
    versionStage: options.versionStage ?? 'AWSCURRENT',
    allowedAccounts: options.allowedAccounts && new Set(options.allowedAccounts),
    refreshSpreadMs: options.refreshSpreadMs ?? 0,
    matchReplicas: options.matchReplicas ?? false,
    clock: completeClock(options.clock),
  })
}

function perSecretSettings(
  perSecret: NonNullable<SecretCacheOptions['perSecret']>,
  base: SecretSettings,
): Map<string, SecretSettings> {
  const checked = new Map<string, SecretSettings>()
  for (const [secretId, settings] of Object.entries(perSecret)) {
    const place = `perSecret['${secretId}']`
    try {
      checkSecretId(secretId)
    } catch (error) {
      throw new TypeError(`${place} is not for a secret: ${(error as Error).message}`)
    }
    if (!isObject(settings)) throw new TypeError(`${place} must be an object of settings.`)
    check(settings, settingRules, `${place}.`)
    checkBackoff(settings.backoff, `${place}.`)
    checked.set(secretId, overlay(base, settings))
  }
  return checked
}

function checkBackoff(backoff: unknown, place: string): void {
  if (backoff !== undefined) check(backoff as object, backoffRules, `${place}backoff.`)
}

function check(values: object, rulesOf: Record<string, OptionRule>, place: string): void {
  for (const [name, value] of Object.entries(values)) {
    const rule = Object.hasOwn(rulesOf, name) ? rulesOf[name] : undefined
    if (rule === undefined) throw new TypeError(`Unknown option ${place}${name}. There are: ${Object.keys(rulesOf).join(', ')}.`)
    const expected = value === undefined ? undefined : rule(value)
    if (expected !== undefined) throw new TypeError(`${place}${name} must be ${expected}.`)
  }
}

function pickSettings(options: SecretCacheOptions): PerSecretSettings {
  return Object.fromEntries(Object.entries(options).filter(([name]) => Object.hasOwn(settingRules, name)))
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && !Number.isNaN(value)
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
