import { aFiniteDuration, aFunction, checkOptions, type OptionRule } from '../core/options/check-options.js'
import type { Secret } from '../core/secrets/secret.js'
import { checkFollowed, type Followed, type FollowedCache, followRules, settingsOf } from '../pools/follow-options.js'
import type { ExpiringLogin, LoginSource } from '../pools/login-source.js'
import type { Given } from './reading.js'

/** The options of a swap that all kinds of logins share. */
interface SharedOptions<Client> {
  /** Proves with one cheap call that a new client works, before any work runs on it. A rejection means that the version does not work. */
  verify(client: NoInfer<Client>): unknown
  /** Ends a client. No work runs on it, and none will start. */
  drain(client: NoInfer<Client>): unknown
  /**
   * Whether an error means that the credentials were rejected, rather than what was done with them. `isAuthError` of `awscurrent/pg` and
   * `awscurrent/mysql2` recognize the errors of postgres.js and of mariadb.
   * @default recognizes no error: a rotation is noticed by its event or at the end of the TTL
   */
  isAuthError?(error: unknown): boolean
  /** How long work may continue on a client that was replaced before the client is ended anyway, in milliseconds. @default 30_000 */
  drainTimeoutMs?: number | undefined
}

/** The options of a swap that follows a secret. */
export interface SwapSecretOptions<Client> extends SharedOptions<Client> {
  /** The cache that reads the secret and learns of its rotations. */
  cache: FollowedCache
  /** The secret that the client is created from, in any form. */
  secretId: string
  /**
   * Creates a client from one version of the secret, with `secret.text()` or `secret.json(DatabaseSecret)`.
   *
   * Put it before `verify` and `drain`: TypeScript infers from left to right, and the client is `unknown` until it has seen this function.
   * In another order, state the type: `create: (secret: Secret) => …` or `createSwap<Client>({ … })`.
   */
  create(secret: Secret): Client | Promise<Client>
  /** Logins that end, in place of a secret. */
  credentials?: undefined
  /**
   * Whether AWSPENDING is tried when a version is rejected that has worked before. This covers the moment of a rotation when the server
   * already has the new version and Secrets Manager still returns the old one.
   * @default true
   */
  tryPending?: boolean | undefined
  /** How long rejected work waits, at most, for a version that works, in milliseconds. @default 90_000 */
  rotationWindowMs?: number | undefined
}

/** The options of a swap whose logins end: each new login replaces the client. */
export interface SwapSourceOptions<Client> extends SharedOptions<Client> {
  /** The source of the logins, such as `rdsIam` of `awscurrent/iam`. */
  credentials: LoginSource
  /** A cache, in place of a source. */
  cache?: undefined
  /** A secret, in place of a source. */
  secretId?: undefined
  /** Creates a client from a login. Put it before `verify` and `drain`: TypeScript infers from left to right. */
  create(login: ExpiringLogin): Client | Promise<Client>
}

/** The options of `createSwap`. It knows nothing of a client but `create`, `verify` and `drain`. */
export type SwapOptions<Client> = SwapSecretOptions<Client> | SwapSourceOptions<Client>

/** The options after they were checked. */
export type CheckedSwapOptions<Client> = Followed & {
  create(from: Given['from']): Client | Promise<Client>
  verify(client: Client): unknown
  drain(client: Client): unknown
  isAuthError(error: unknown): boolean
  readonly tryPending: boolean
  readonly rotationWindowMs: number
  readonly drainTimeoutMs: number
}

const rules: Readonly<Record<keyof SwapSecretOptions<unknown>, OptionRule>> = {
  ...followRules,
  cache: () => undefined,
  secretId: () => undefined,
  credentials: () => undefined,
  create: aFunction,
  verify: aFunction,
  drain: aFunction,
  isAuthError: aFunction,
  drainTimeoutMs: aFiniteDuration,
}

/** Checks the options once. A mistake is a TypeError that names the option. */
export function checkSwapOptions<Client>(options: SwapOptions<Client>): CheckedSwapOptions<Client> {
  checkOptions('createSwap', options, rules)
  const followed = checkFollowed('createSwap', options)
  for (const name of ['create', 'verify', 'drain'] as const)
    if (options[name] === undefined) throw new TypeError(`createSwap needs ${name}: a function.`)
  const { verify, drain, isAuthError = () => false, drainTimeoutMs = 30_000 } = options
  const create = options.create as CheckedSwapOptions<Client>['create']
  return Object.freeze({ ...followed, ...settingsOf(options), create, verify, drain, isAuthError, drainTimeoutMs })
}
