import { aFiniteDuration, aFlag, aFunction, hasMethod, type OptionRule } from '../core/options/check-options.js'
import { nearestName } from '../core/options/nearest-name.js'
import type { SecretCache } from '../core/secret-cache.js'
import type { Secret } from '../core/secrets/secret.js'
import { checkSecretId } from '../core/secrets/secret-id.js'
import type { LoginFields } from './login.js'

/** A `SecretCache`, as far as a pool that follows a secret needs it. */
export type FollowedCache = Pick<SecretCache, 'clock' | 'getSecret' | 'handle' | 'peek' | 'refreshNow'>

/** What a pool that follows a secret takes beside the options of its driver. */
export interface FollowOptions {
  /** The cache that reads the secret and hears of its rotations. */
  cache: FollowedCache
  /** The secret of a database user, in the form that Secrets Manager uses: `username`, `password` and, if you like, `host`, `port`, `dbname`, `ssl`. */
  secretId: string
  /** Within so many milliseconds after a move the idle connections of older versions are closed, a few at a time. @default 500 */
  retireSpreadMs?: number | undefined
  /**
   * Whether the pool reads AWSPENDING when the database refuses a version that has worked before. It bridges the moment of a
   * single-user rotation at which the database has the new password and Secrets Manager still hands out the old one.
   * @default true
   */
  tryPending?: boolean | undefined
  /** How long a refused pool waits, at most, for the version that works. The driver's connect timeout ends each wait earlier. @default 90_000 */
  rotationWindowMs?: number | undefined
  /**
   * How many connections log in at the same time. A password that no longer works is refused as often as this, so keep it below the
   * number of failed logins that locks the account. @default 2
   */
  loginsAtOnce?: number | undefined
  /**
   * Makes the login of a secret whose fields have other names, or that is a connection string. What it leaves out of the address is for
   * the driver's options to say. @default `username`, `password`, `host`, `port`, `dbname`, `ssl` of the secret's JSON
   */
  login?: ((secret: Secret) => LoginFields) | undefined
}

/** The options after they were checked. */
export type CheckedFollowOptions = {
  readonly [Name in Exclude<keyof FollowOptions, 'login'>]-?: Exclude<FollowOptions[Name], undefined>
} & Readonly<Pick<FollowOptions, 'login'>>

/** What the options of every follower must be. */
export const followRules: Readonly<Record<'tryPending' | 'rotationWindowMs', OptionRule>> = {
  tryPending: aFlag,
  rotationWindowMs: aFiniteDuration,
}

const rules: Readonly<Record<Exclude<keyof FollowOptions, 'cache' | 'secretId'>, OptionRule>> = {
  ...followRules,
  retireSpreadMs: aFiniteDuration,
  loginsAtOnce: value => (Number.isInteger(value) && (value as number) >= 1 ? undefined : 'a whole number of 1 or more'),
  login: aFunction,
}

const ownNames: readonly string[] = ['cache', 'secretId', ...Object.keys(rules)]

/** Checks what is followed. */
export function checkFollowed(owner: string, cache: unknown, secretId: unknown): void {
  for (const method of ['getSecret', 'handle', 'peek', 'refreshNow'])
    if (!hasMethod(cache, method)) throw new TypeError(`cache must be a SecretCache; ${owner} was given none.`)
  checkSecretId(secretId)
}

/** Names of ours that are no longer than this are too much like those of a driver: pg has an option `log`. */
const longestShortName = 4

/**
 * Takes our options from those of the driver, which come back as `rest`. A mistake is a TypeError that names the option.
 *
 * A driver takes more options than anybody knows, so `rest` may hold anything but names that are clearly those of another driver, which
 * this one would ignore, or ours misspelt.
 */
export function checkFollowOptions<Options extends FollowOptions>(
  owner: string,
  options: Options,
  optionsOfOthers: Readonly<Record<string, string>>,
): { follow: CheckedFollowOptions; rest: Omit<Options, keyof FollowOptions> } {
  const { own, rest } = divide(owner, options)
  for (const option of Object.keys(rest)) {
    const remedy = Object.hasOwn(optionsOfOthers, option) ? optionsOfOthers[option] : didYouMean(option)
    if (remedy !== undefined) throw unknownOption(option, owner, remedy)
  }
  return { follow: checkOwn(owner, own), rest: rest as Omit<Options, keyof FollowOptions> }
}

/** Checks the options for a pool that is there. */
export function checkAttachOptions(owner: string, options: FollowOptions): CheckedFollowOptions {
  const { own, rest } = divide(owner, options)
  const [option] = Object.keys(rest)
  if (option !== undefined)
    throw unknownOption(option, owner, didYouMean(option) ?? 'The pool keeps the options that it was made with.')
  return checkOwn(owner, own)
}

/** What is left undefined is left out. */
function divide(owner: string, options: unknown): { own: Partial<FollowOptions>; rest: object } {
  if (typeof options !== 'object' || options === null) throw new TypeError(`${owner} takes an object with cache and secretId.`)
  const given = Object.entries(options).filter(([, value]) => value !== undefined)
  const isOwn = ([name]: [string, unknown]): boolean => ownNames.includes(name)
  return { own: Object.fromEntries(given.filter(isOwn)), rest: Object.fromEntries(given.filter(each => !isOwn(each))) }
}

function checkOwn(owner: string, own: Partial<FollowOptions>): CheckedFollowOptions {
  checkFollowed(owner, own.cache, own.secretId)
  for (const [name, rule] of Object.entries(rules)) {
    const value = own[name as keyof typeof rules]
    const expected = value === undefined ? undefined : rule(value)
    if (expected !== undefined) throw new TypeError(`${name} must be ${expected}.`)
  }
  const { cache, secretId, retireSpreadMs = 500, tryPending = true, rotationWindowMs = 90_000, loginsAtOnce = 2, login } = own
  return {
    cache: cache as FollowedCache,
    secretId: secretId as string,
    retireSpreadMs,
    tryPending,
    rotationWindowMs,
    loginsAtOnce,
    login,
  }
}

function didYouMean(option: string): string | undefined {
  const meant = option.length > longestShortName ? nearestName(option, ownNames) : undefined
  return meant === undefined ? undefined : `Did you mean "${meant}"?`
}

function unknownOption(option: string, owner: string, remedy: string): TypeError {
  return new TypeError(`Unknown option "${option}" of ${owner}. ${remedy}`)
}
