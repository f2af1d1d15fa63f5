import { attachStatus } from '../core/events/status.js'
import { aFiniteDuration, checkOptions } from '../core/options/check-options.js'
import { ClientSwap } from './client-swap.js'
import type { SwapCredentialsEvent, SwapEvent, SwapEventOf, SwapRetiredEvent } from './swap-events.js'
import { checkSwapOptions, type SwapOptions, type SwapSecretOptions, type SwapSourceOptions } from './swap-options.js'

export type { FollowedCache } from '../pools/follow-options.js'
export type { ExpiringLogin, LoginListener, LoginServer, LoginSource } from '../pools/login-source.js'
export type { RefusedEvent, WindowEvent } from '../pools/pool-events.js'
export type { SwapCredentialsEvent, SwapEvent, SwapEventOf, SwapOptions, SwapRetiredEvent, SwapSecretOptions, SwapSourceOptions }

/** The options of `close`. */
export interface SwapCloseOptions {
  /** How long `close` waits, at most, for work and for `drain`, in milliseconds. @default the swap's `drainTimeoutMs` */
  timeoutMs?: number | undefined
}

/** A client that is replaced as a whole when its secret moves to a new version. */
export interface Swap<Client> extends AsyncDisposable {
  /**
   * Runs `work` on the client of the version that works. The first call creates that client. It is not drained before the work has ended;
   * do not use it after that.
   *
   * If the work is rejected, as `isAuthError` decides, the secret is read again, once for all callers, and the work runs once more if that
   * leads to another client; otherwise the promise rejects with what the work threw. Rejects with a `SecretCacheError` if the cache cannot
   * return the secret or the swap is closed (`ERR_SECRET_CACHE_CLOSED`), and with what `create` or `verify` threw if there is no client
   * yet.
   */
  use<T>(work: (client: Client) => T | Promise<T>): Promise<T>
  /** Adds a listener; the returned function removes it. */
  on<Type extends SwapEvent['type']>(type: Type, listener: (event: SwapEventOf<Type>) => void): () => void
  /**
   * Accepts no more work, waits for the work that is running, and drains the client. Resolves after `timeoutMs` in any case, by default the
   * swap's `drainTimeoutMs`: work that itself waits for `close()` would never end. Idempotent.
   */
  close(options?: SwapCloseOptions): Promise<void>
}

/**
 * Creates a swap: it keeps a client whose driver cannot change credentials, such as mariadb, postgres.js, mongodb or an API client.
 *
 * When the secret moves, a new client is created and verified, then takes over; the old one is drained when the work on it has ended. A
 * version that does not work never replaces a client that does. Nothing is read or created before the first `use`. Wrong options throw a
 * `TypeError`.
 *
 * @example
 * import postgres from 'postgres'
 * const swap = createSwap({
 *   cache: secrets,
 *   secretId: 'prod/db',
 *   create(secret) {
 *     const { username, password, host = 'localhost' } = secret.json(DatabaseSecret)
 *     return postgres({ username, password, host })
 *   },
 *   verify: sql => sql`select 1`,
 *   drain: sql => sql.end(),
 * })
 * const rows = await swap.use(sql => sql`select * from orders`)
 */
export function createSwap<Client>(options: SwapSecretOptions<Client>): Swap<Client>
export function createSwap<Client>(options: SwapSourceOptions<Client>): Swap<Client>
export function createSwap<Client>(options: SwapOptions<Client>): Swap<Client> {
  const swap = new ClientSwap(checkSwapOptions(options))
  const made: Swap<Client> = {
    use: work => swap.use(work),
    on: (type, listener) => swap.events.on(type, listener),
    close(closeOptions = {}) {
      checkOptions('close', closeOptions, { timeoutMs: aFiniteDuration })
      return swap.close(closeOptions.timeoutMs)
    },
    [Symbol.asyncDispose]: () => swap.close(),
  }
  attachStatus(made, () => swap.status())
  return made
}
