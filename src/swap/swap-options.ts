import { aFiniteDuration, aFunction, checkOptions, type OptionRule } from '../core/options/check-options.js'
import type { Secret } from '../core/secrets/secret.js'
import { checkFollowed, type FollowedCache, followRules } from '../pools/follow-options.js'

/** What `createSwap` takes. `create`, `verify` and `drain` are all that it knows of a client. */
export interface SwapOptions<Client> {
  /** The cache that reads the secret and hears of its rotations. */
  cache: FollowedCache
  /** The secret that the client is made from: of any form. */
  secretId: string
  /**
   * Makes a client from one version of the secret: `secret.text()`, or `secret.json(DatabaseSecret)`.
   *
   * Write it before `verify` and `drain`: TypeScript infers from left to right, and takes the client for unknown until it has seen this.
   * In another order, give the type: `create: (secret: Secret) => …` or `createSwap<Client>({ … })`.
   */
  create(secret: Secret): Client | Promise<Client>
  /** Proves a new client by one cheap call, before any work runs on it. What it rejects with says that the version does not work. */
  verify(client: NoInfer<Client>): unknown
  /** Ends a client. No work runs on it any more, and none will. */
  drain(client: NoInfer<Client>): unknown
  /**
   * Tells whether an error means that the credentials were refused, not what was done with them. `isAuthError` of `awscurrent/pg` and
   * `awscurrent/mysql2` know the errors of postgres.js and of mariadb.
   * @default nothing does: a rotation is noticed by its event or at the end of the TTL
   */
  isAuthError?(error: unknown): boolean
  /**
   * Whether AWSPENDING is tried when a version is refused that has worked before. It bridges the moment of a rotation at which the server
   * knows the new version already and Secrets Manager still hands out the old one.
   * @default true
   */
  tryPending?: boolean | undefined
  /** How long refused work waits, at most, for the version that works. @default 90_000 */
  rotationWindowMs?: number | undefined
  /** How long the work on a client that was replaced may go on before the client is ended all the same. @default 30_000 */
  drainTimeoutMs?: number | undefined
}

/** The options after they were checked. */
export type CheckedSwapOptions<Client> = {
  readonly [Name in keyof SwapOptions<Client>]-?: Exclude<SwapOptions<Client>[Name], undefined>
}

const rules: Readonly<Record<keyof SwapOptions<unknown>, OptionRule>> = {
  ...followRules,
  cache: () => undefined,
  secretId: () => undefined,
  create: aFunction,
  verify: aFunction,
  drain: aFunction,
  isAuthError: aFunction,
  drainTimeoutMs: aFiniteDuration,
}

/** Checks the options once. A mistake is a TypeError that names the option. */
export function checkSwapOptions<Client>(options: SwapOptions<Client>): CheckedSwapOptions<Client> {
  checkOptions('createSwap', options, rules)
  checkFollowed('createSwap', options.cache, options.secretId)
  for (const name of ['create', 'verify', 'drain'] as const)
    if (options[name] === undefined) throw new TypeError(`createSwap needs ${name}: a function.`)
  const {
    cache,
    secretId,
    create,
    verify,
    drain,
    isAuthError = () => false,
    tryPending = true,
    rotationWindowMs = 90_000,
    drainTimeoutMs = 30_000,
  } = options
  return Object.freeze({ cache, secretId, create, verify, drain, isAuthError, tryPending, rotationWindowMs, drainTimeoutMs })
}
