import type { RotatedEvent } from '../events/events.js'
import { type ListenerOptions, type Listening, listen } from '../events/listening.js'
import { aSignal, checkOptions } from '../options/check-options.js'
import { checkListenerOptions } from '../options/listener-options.js'
import type { ReadOptions } from '../options/read-options.js'
import type { DeepReadonly } from '../secrets/deep-readonly.js'
import type { Secret } from '../secrets/secret.js'
import type { StandardSchema } from '../secrets/standard-schema.js'

/**
 * A typed view of one secret: pass it to what needs the secret and nothing else of the cache.
 *
 * @example
 * const db = secrets.handle('prod/db', { schema: DatabaseSecret })
 * db.on('rotated', ({ versionId }) => console.info(versionId))
 * const { username } = await db.get()
 */
export interface SecretHandle<T> {
  /** The id that the handle was made for. */
  readonly secretId: string
  /** The secret's JSON, as `getSecretJson` reads it. The signal ends this caller's waiting; the load goes on. */
  get(options?: HandleReadOptions): Promise<DeepReadonly<T>>
  /** What `get` could be given at once; undefined before the first load, and if the schema refuses the current version. */
  readonly current: DeepReadonly<T> | undefined
  /**
   * Calls the listener when the secret has moved to another version, by whatever form of its id that was noticed. As long as a
   * listener is there, the secret is not evicted. The function it returns removes the listener; so do the signal, the first event with
   * `once`, and the end of a block with `using`.
   */
  on(type: 'rotated', listener: (event: RotatedEvent) => void, options?: ListenerOptions): Listening
}

/** What `get` of a handle takes. */
export type HandleReadOptions = Pick<ReadOptions, 'signal'>

/** What a handle does with its cache. */
interface Reads {
  get(options: HandleReadOptions | undefined): Promise<unknown>
  peek(): Secret | undefined
  onRotated(listener: (event: RotatedEvent) => unknown): () => void
}

/** A class, so that `current` is an accessor of its prototype: whoever prints or serialises a handle does not read it. */
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
    // Without options it hands out the very promise of the cache.
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
      // `get` says what is wrong.
      return undefined
    }
  }

  on(type: 'rotated', listener: (event: RotatedEvent) => void, options?: ListenerOptions): Listening {
    if (type !== 'rotated') throw new TypeError(`A handle has no event "${type}", only "rotated".`)
    checkListenerOptions(options)
    return listen(type, added => this.#reads.onRotated(added), listener, options)
  }
}

// However it is inspected, `current` is not read.
Object.defineProperty(Handle.prototype, Symbol.for('nodejs.util.inspect.custom'), {
  value(this: Handle): string {
    return `SecretHandle { secretId: '${this.secretId}' }`
  },
})

/** Makes the handle of one secret from what the cache lets it do. */
export function createHandle(secretId: string, schema: StandardSchema | undefined, reads: Reads): SecretHandle<unknown> {
  return new Handle(secretId, schema, reads)
}
