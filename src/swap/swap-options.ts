import { aFiniteDuration, aFunction, checkOptions, type OptionRule } from '../core/options/check-options.js'
import type { Secret } from '../core/secrets/secret.js'
import { checkFollowed, type FollowedCache, followRules } from '../pools/follow-options.js'

/** The options of `createSwap`. It knows nothing of a client but `create`, `verify` and `drain`. */
export interface SwapOptions<Client> {
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
  /**
   * Whether AWSPENDING is tried when a version is rejected that has worked before. This covers the moment of a rotation when the server
   * already has the new version and Secrets Manager still returns the old one.
   * @default true
   */
  tryPending?: boolean | undefined
  /** How long rejected work waits, at most, for a version that works, in milliseconds. @default 90_000 */
  rotationWindowMs?: number | undefined
  /** How long work may continue on a client that was replaced before the client is ended anyway, in milliseconds. @default 30_000 */
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
