import type { RotatedEvent } from '../core/events/events.js'
import type { ListenerOptions, Listening } from '../core/events/listening.js'
import type { PeekOptions, ReadOptions } from '../core/options/read-options.js'
import type { SecretCache } from '../core/secret-cache.js'
import type { DeepReadonly } from '../core/secrets/deep-readonly.js'
import type { Secret } from '../core/secrets/secret.js'
import type { OutputOf, StandardSchema } from '../core/secrets/standard-schema.js'

/**
 * What `@InjectSecret` injects: one secret of the application's cache, which follows its rotations.
 *
 * Keep this object and read the value where it is used, each time: a fresh value comes from memory, and a value that is kept outlives its
 * rotation. Every read rejects with the same errors as that of the `SecretCache`.
 *
 * It is a class, and not an interface, because the metadata that TypeScript writes for decorators names it.
 *
 * @example
 * class Payments {
 *   constructor(private readonly apiKey: InjectedSecret) {}
 *
 *   async headers() {
 *     return { authorization: `Bearer ${await this.apiKey.getString()}` }
 *   }
 * }
 */
export class InjectedSecret {
  /** The id that was passed to `@InjectSecret`. */
  readonly secretId: string
  // Private, so that printing an injected secret does not print the cache.
  readonly #cache: SecretCache

  constructor(cache: SecretCache, secretId: string) {
    this.#cache = cache
    this.secretId = secretId
  }

  /** Reads one version of the secret, with its ARN, version id and age. */
  get(options?: ReadOptions): Promise<Secret> {
    return this.#cache.getSecret(this.secretId, options)
  }

  /** Reads the text of the secret. Rejects with ERR_SECRET_FORMAT if the secret is binary. */
  getString(options?: ReadOptions): Promise<string> {
    return this.#cache.getSecretString(this.secretId, options)
  }

  /** Reads the bytes of the secret: a new copy for each read. Rejects with ERR_SECRET_FORMAT if the secret is text. */
  getBinary(options?: ReadOptions): Promise<Buffer> {
    return this.#cache.getSecretBinary(this.secretId, options)
  }

  /**
   * Reads the text of the secret as JSON, validated by a schema; without one, the type argument is not checked.
   *
   * @example
   * const userOf = async (db: InjectedSecret) => (await db.getJson(DatabaseSecret)).username
   */
  getJson<Schema extends StandardSchema>(schema: Schema, options?: ReadOptions): Promise<DeepReadonly<OutputOf<Schema>>>
  getJson<T = unknown>(schema?: StandardSchema<T>, options?: ReadOptions): Promise<DeepReadonly<T>>
  getJson<T>(schema?: StandardSchema<T>, options?: ReadOptions): Promise<DeepReadonly<T>> {
    return this.#cache.getSecretJson(this.secretId, schema, options)
  }

  /** Returns what is held, if it may be served at least in an outage; otherwise undefined. Never loads. */
  peek(options?: PeekOptions): Secret | undefined {
    return this.#cache.peek(this.secretId, options)
  }

  /**
   * Calls the listener when the secret has moved to another version. While there is a listener, the secret is not evicted. Call the
   * returned function to remove the listener, or use `signal`, `once` or a `using` declaration.
   */
  on(type: 'rotated', listener: (event: RotatedEvent) => void, options?: ListenerOptions): Listening {
    return this.#cache.handle(this.secretId).on(type, listener, options)
  }
}
