import { aClock, aFiniteDuration, aFlag, aFunction, hasMethod, type OptionRule } from '../core/options/check-options.js'
import { nearestName } from '../core/options/nearest-name.js'
import type { SecretCache } from '../core/secret-cache.js'
import type { Secret } from '../core/secrets/secret.js'
import { checkSecretId } from '../core/secrets/secret-id.js'
import type { LoginFields } from './login.js'
import type { LoginSource } from './login-source.js'

/** The members of a `SecretCache` that a pool or another client needs to follow a secret. */
export type FollowedCache = Pick<SecretCache, 'clock' | 'getSecret' | 'handle' | 'peek' | 'refreshNow'>

/** The options of a pool that all kinds of logins share. */
interface SharedOptions {
  /**
   * After a move to a new login, the idle connections of older ones are closed within this many milliseconds, a few at a time.
   * @default 500
   */
  retireSpreadMs?: number | undefined
  /**
   * How many connections log in at the same time. The database may reject an invalid password this many times at once, so keep it below the
   * number of failed logins that locks the account. @default 2
   */
  loginsAtOnce?: number | undefined
}

/** The options of a pool that follows a secret, in addition to those of its driver. */
export interface FollowSecretOptions extends SharedOptions {
  /** The cache that reads the secret and learns of its rotations. */
  cache: FollowedCache
  /**
   * The secret of a database user, as Secrets Manager writes it: JSON with `username` and `password` and, optionally, `host`, `port`,
   * `dbname` and `ssl`. For another form, see `login`.
   */
  secretId: string
  /** Logins that end, in place of a secret. */
  credentials?: undefined
  /**
   * Whether the pool reads AWSPENDING when the database rejects a version that has worked before. This covers the moment of a single-user
   * rotation when the database already has the new password and Secrets Manager still returns the old one.
   * @default true
   */
  tryPending?: boolean | undefined
  /**
   * How long the pool waits, at most, for a version that works after the database has rejected one that had worked, in milliseconds. The
   * driver's connect timeout ends each wait earlier. @default 90_000
   */
  rotationWindowMs?: number | undefined
  /**
   * Creates the login from a secret whose fields have other names, or that is a connection string. The driver's options supply the parts of
   * the address that it leaves out. If it throws or returns no login, queries fail with `ERR_SECRET_FORMAT`.
   * @default `username`, `password`, `host`, `port`, `dbname`, `ssl` of the secret's JSON
   */
  login?: ((secret: Secret) => LoginFields) | undefined
}

/** The options of a pool whose logins end, in addition to those of its driver. */
export interface FollowSourceOptions extends SharedOptions {
  /** The source of the logins, such as `rdsIam` of `awscurrent/iam`. */
  credentials: LoginSource
  /** A cache, in place of a source. */
  cache?: undefined
  /** A secret, in place of a source. */
  secretId?: undefined
}

/** The options of a pool that follows a secret or a source of logins, in addition to those of its driver. */
export type FollowOptions = FollowSecretOptions | FollowSourceOptions

/** What is followed: a secret, or a source of logins. */
export type Followed =
  | { readonly credentials?: undefined; readonly cache: FollowedCache; readonly secretId: string }
  | { readonly credentials: LoginSource; readonly cache?: undefined; readonly secretId?: undefined }

/** The options after they were checked. */
export type CheckedFollowOptions = Followed & {
  readonly retireSpreadMs: number
  readonly tryPending: boolean
  readonly rotationWindowMs: number
  readonly loginsAtOnce: number
  readonly login: FollowSecretOptions['login']
}

/** The rules for the options that all followers share. */
export const followRules: Readonly<Record<'tryPending' | 'rotationWindowMs', OptionRule>> = {
  tryPending: aFlag,
  rotationWindowMs: aFiniteDuration,
}

const rules: Readonly<Record<Exclude<keyof FollowSecretOptions, keyof Followed>, OptionRule>> = {
  ...followRules,
  retireSpreadMs: aFiniteDuration,
  loginsAtOnce: value => (Number.isInteger(value) && (value as number) >= 1 ? undefined : 'a whole number of 1 or more'),
  login: aFunction,
}

/** The options that are about the versions of a secret. */
const ofSecrets: readonly (keyof FollowSecretOptions)[] = ['cache', 'secretId', 'tryPending', 'rotationWindowMs', 'login']

const ownNames: readonly string[] = ['cache', 'secretId', 'credentials', ...Object.keys(rules)]

/** The settings about rotations, with their defaults. */
export function settingsOf({
  tryPending = true,
  rotationWindowMs = 90_000,
}: {
  credentials?: unknown
  tryPending?: boolean | undefined
  rotationWindowMs?: number | undefined
}): Pick<CheckedFollowOptions, 'tryPending' | 'rotationWindowMs'> {
  return { tryPending, rotationWindowMs }
}

type OwnName = keyof FollowSecretOptions | keyof FollowSourceOptions

/** Checks what is followed, and returns only that. */
export function checkFollowed(owner: string, options: Partial<Record<keyof FollowSecretOptions, unknown>>): Followed {
  const { credentials, cache, secretId } = options
  if (credentials === undefined) {
    checkSecret(owner, cache, secretId)
    return { cache: cache as FollowedCache, secretId: secretId as string }
  }
  for (const method of ['current', 'get', 'refresh', 'subscribe'])
    if (!hasMethod(credentials, method))
      throw new TypeError(
        `credentials must be a source of logins, such as rdsIam of awscurrent/iam, but ${owner} got something else.`,
      )
  const { clock } = credentials as LoginSource
  const expected = clock === undefined ? undefined : aClock(clock)
  if (expected !== undefined) throw new TypeError(`The clock of credentials must be ${expected}.`)
  const foreign = ofSecrets.find(name => options[name] !== undefined)
  if (foreign !== undefined)
    throw new TypeError(`${owner} takes either credentials or cache and secretId: ${foreign} has no meaning beside credentials.`)
  return { credentials: credentials as LoginSource }
}

function checkSecret(owner: string, cache: unknown, secretId: unknown): void {
  if (cache === undefined && secretId === undefined) throw new TypeError(`${owner} needs cache and secretId, or credentials.`)
  checkFollowedSecret(owner, cache, secretId)
}

/** Checks the cache and the id of a secret that is followed. */
export function checkFollowedSecret(owner: string, cache: unknown, secretId: unknown): void {
  for (const method of ['getSecret', 'handle', 'peek', 'refreshNow'])
    if (!hasMethod(cache, method)) throw new TypeError(`cache must be a SecretCache, but ${owner} got something else.`)
  checkSecretId(secretId)
}

/** Option names of ours up to this length are too similar to those of a driver: pg has an option `log`. */
const longestShortName = 4

/**
 * Separates our options from those of the driver, which are returned as `rest`. A mistake is a TypeError that names the option.
 *
 * A driver has more options than can be listed here, so `rest` may contain any name except those of another driver, which this one would
 * ignore, and misspelled names of ours.
 */
export function checkFollowOptions<Options extends FollowOptions>(
  owner: string,
  options: Options,
  optionsOfOthers: Readonly<Record<string, string>>,
): { follow: CheckedFollowOptions; rest: Omit<Options, OwnName> } {
  const { own, rest } = divide(owner, options)
  for (const option of Object.keys(rest)) {
    const remedy = Object.hasOwn(optionsOfOthers, option) ? optionsOfOthers[option] : didYouMean(option)
    if (remedy !== undefined) throw unknownOption(option, owner, remedy)
  }
  return { follow: checkOwn(owner, own), rest: rest as Omit<Options, OwnName> }
}

/** Checks the options for an existing pool. */
export function checkAttachOptions(owner: string, options: FollowOptions): CheckedFollowOptions {
  const { own, rest } = divide(owner, options)
  const [option] = Object.keys(rest)
  if (option !== undefined)
    throw unknownOption(option, owner, didYouMean(option) ?? 'The pool keeps the options that it was created with.')
  return checkOwn(owner, own)
}

/** Separates our options from the others, without those that are undefined. */
function divide(owner: string, options: unknown): { own: Partial<FollowSecretOptions>; rest: object } {
  if (typeof options !== 'object' || options === null)
    throw new TypeError(`${owner} takes an object with cache and secretId, or with credentials.`)
  const given = Object.entries(options).filter(([, value]) => value !== undefined)
  const isOwn = ([name]: [string, unknown]): boolean => ownNames.includes(name)
  return { own: Object.fromEntries(given.filter(isOwn)), rest: Object.fromEntries(given.filter(each => !isOwn(each))) }
}

function checkOwn(owner: string, own: Partial<FollowSecretOptions>): CheckedFollowOptions {
  const followed = checkFollowed(owner, own)
  for (const [name, rule] of Object.entries(rules)) {
    const value = own[name as keyof typeof rules]
    const expected = value === undefined ? undefined : rule(value)
    if (expected !== undefined) throw new TypeError(`${name} must be ${expected}.`)
  }
  const { retireSpreadMs = 500, loginsAtOnce = 2, login } = own
  return { ...followed, ...settingsOf(own), retireSpreadMs, loginsAtOnce, login }
}

function didYouMean(option: string): string | undefined {
  const meant = option.length > longestShortName ? nearestName(option, ownNames) : undefined
  return meant === undefined ? undefined : `Did you mean "${meant}"?`
}

function unknownOption(option: string, owner: string, remedy: string): TypeError {
  return new TypeError(`Unknown option "${option}" of ${owner}. ${remedy}`)
}
