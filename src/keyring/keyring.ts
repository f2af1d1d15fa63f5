import type { ErrorEvent } from '../core/events/events.js'
import type { ListenerOptions, Listening } from '../core/events/listening.js'
import type { CookieSigner } from './cookie-signer.js'

/** A key and the id that a token names it by. Printing it does not show the key. */
export interface IdentifiedKey<Key> {
  /** The id of the key: the version id of the secret. */
  readonly kid: string
  /** The key itself. */
  readonly key: Key
}

/** The part of a token's header that names its key. */
export interface TokenHeader {
  /** The id of the key that the token was signed with. */
  readonly kid?: string | undefined
}

/**
 * The keys of one secret: its AWSCURRENT version and, if there is one, AWSPREVIOUS. `createKeyring` creates it.
 *
 * It follows the secret. Printing, serialising or inspecting it, or anything that it consists of, shows no key.
 */
export interface Keyring<Key = string> extends Disposable {
  /**
   * The current key, for tokens that name their key. It changes as soon as this process learns of a rotation: others find a key by its id
   * with one load.
   */
  readonly current: IdentifiedKey<Key>
  /**
   * The keys, for libraries that take an array: the first signs, all verify. It is always the same array, and its contents change. The new
   * key comes first once `signAfterMs` is over. Do not change or copy it.
   */
  readonly keys: Key[]
  /** Signs and verifies cookies, for @fastify/cookie and @fastify/session. It always signs with `keys[0]`. */
  readonly signer: CookieSigner
  /**
   * The keys by number, for iron-session. It is always the same object. The key that seals is its only enumerable property; the other key
   * can be read by its number alone.
   */
  readonly passwords: Record<string, Key>
  /**
   * Finds a key by its id; undefined if the secret has no such key.
   *
   * An unknown id reads the secret again, once for all callers and at most once per `cooldownMs`. Rejects with the error of the cache if
   * that fails, because the key may exist, and until `cooldownMs` is over.
   */
  find(kid: string): Promise<Key | undefined>
  /**
   * Finds the key of a token by its header, for `jwtVerify` of jose and for @fastify/jwt. Can be passed on its own.
   *
   * Rejects with `ERR_SECRET_VERSION` if the header names no key, or an unknown one, and as `find` does.
   */
  readonly jwtKey: (header: TokenHeader) => Promise<Key>
  /** Finds the key of a token by its header, for `verify` of jsonwebtoken. Can be passed on its own. Fails as `jwtKey` does. */
  readonly jwtKeyCallback: (header: TokenHeader, callback: (error: Error | null, key?: Key) => void) => void
  /**
   * Adds a listener for a version that contains no usable key. The keyring continues with the keys that it has. Call the returned function
   * to remove it, or use `signal`, `once` or a `using` declaration.
   */
  on(type: 'error', listener: (event: ErrorEvent) => void, options?: ListenerOptions): Listening
  /** Stops following the secret. The keys can still be used, and unknown ids cause no more calls. Idempotent. */
  close(): void
}
