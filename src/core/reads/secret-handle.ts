import type { RotatedEvent } from '../events/events.js'
import { type ListenerOptions, type Listening, listen } from '../events/listening.js'
import { aSignal, checkOptions } from '../options/check-options.js'
import { checkListenerOptions } from '../options/listener-options.js'
import type { ReadOptions } from '../options/read-options.js'
import type { DeepReadonly } from '../secrets/deep-readonly.js'
import type { Secret } from '../secrets/secret.js'
import type { StandardSchema } from '../secrets/standard-schema.js'

/**
 * A typed view of one secret: pass it to code that needs this secret and nothing else of the cache. `handle` of the cache creates it.
 *
 * @example
 * const db = secrets.handle('prod/db', { schema: DatabaseSecret })
 * db.on('rotated', ({ versionId }) => console.info(versionId))
 * const { username } = await db.get()
 */
export interface SecretHandle<T> {
  /** The id that was passed to `handle`. */
  readonly secretId: string
  /** Reads the JSON of the secret as `getSecretJson` does, and rejects with the same errors. */
  get(options?: HandleReadOptions): Promise<DeepReadonly<T>>
  /** The value that may be served now, without a load; undefined before the first load, or if the schema rejects the current version. */
  readonly current: DeepReadonly<T> | undefined
  /**
   * Calls the listener when the secret has moved to another version, whichever form of its id the cache noticed it by. While there is a
   * listener, the secret is not evicted. Call the returned function to remove the listener, or use `signal`, `once` or a `using`
   * declaration. Throws ERR_SECRET_CACHE_CLOSED after `close`.
   */
  on(type: 'rotated', listener: (event: RotatedEvent) => void, options?: ListenerOptions): Listening
}

/** Options of `get` of a handle: a signal that ends the wait of this caller. The load goes on. */
export type HandleReadOptions = Pick<ReadOptions, 'signal'>

/** The part of the cache that a handle uses. */
interface Reads {
  get(options: HandleReadOptions | undefined): Promise<unknown>
  peek(): Secret | undefined
  onRotated(listener: (event: RotatedEvent) => unknown): () => void
}

/** A class, so that `current` is an accessor of its prototype: printing or serialising a handle does not show the value. */
class Handle implements SecretHandle<unknown> {
  readonly secretId: string
  readonly #schema: StandardSchema | undefined
  readonly #reads: Reads

  constructor(secretId: string, schema: StandardSchema | undefined, reads: Reads) {
    this.secretId = secretId
    this.#schema = schema
    this.#reads = reads
  }

  get(options?: HandleReadOptions): Promise<unknown> {
    // Without options, pass on the shared promise of the cache itself.
    return options === undefined ? this.#reads.get(undefined) : this.#getWith(options)
  }

  async #getWith(options: HandleReadOptions): Promise<unknown> {
    checkOptions('get', options, { signal: aSignal })
    return this.#reads.get(options)
  }

  get current(): unknown {
    try {
      return this.#reads.peek()?.json(this.#schema as StandardSchema)
    } catch {
      // `get` reports what is wrong.
      return undefined
    }
  }

  on(type: 'rotated', listener: (event: RotatedEvent) => void, options?: ListenerOptions): Listening {
    if (type !== 'rotated') throw new TypeError(`A handle has no event "${type}", only "rotated".`)
    checkListenerOptions(options)
    return listen(type, added => this.#reads.onRotated(added), listener, options)
  }
}

// Inspecting a handle, even with getters, must not show the value in `current`.
Object.defineProperty(Handle.prototype, Symbol.for('nodejs.util.inspect.custom'), {
  value(this: Handle): string {
    return `SecretHandle { secretId: '${this.secretId}' }`
  },
})

/** Creates the handle of one secret. */
export function createHandle(secretId: string, schema: StandardSchema | undefined, reads: Reads): SecretHandle<unknown> {
  return new Handle(secretId, schema, reads)
}
