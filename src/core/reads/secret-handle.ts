import type { RotatedEvent } from '../events/events.js'
import type { DeepReadonly } from '../secrets/json.js'
import type { Secret } from '../secrets/secret.js'
import type { StandardSchema } from '../secrets/standard-schema.js'

/**
 * A typed view of one secret: pass it to what needs the secret and nothing else of the cache.
 *
 * @example
 * const db = secrets.handle('prod/db', { schema: DatabaseSecret })
 * db.on('rotated', () => reconnect())
 * const { username } = await db.get()
 */
export interface SecretHandle<T> {
  readonly secretId: string
  /** The secret's JSON, as `getSecretJson` reads it. */
  get(): Promise<DeepReadonly<T>>
  /** What `get` could be given at once; undefined before the first load, and if the schema refuses the current version. */
  readonly current: DeepReadonly<T> | undefined
  /**
   * Calls the listener when the secret has moved to another version, by whatever form of its id that was noticed. As long as a
   * listener is there, the secret is not evicted. The function it returns removes the listener.
   */
  on(type: 'rotated', listener: (event: RotatedEvent) => void): () => void
}

/** What a handle does with its cache. */
interface Reads {
  get(): Promise<unknown>
  peek(): Secret | undefined
  onRotated(listener: (event: RotatedEvent) => void): () => void
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

  get(): Promise<unknown> {
    return this.#reads.get()
  }

  get current(): unknown {
    try {
      return this.#reads.peek()?.json(this.#schema as StandardSchema)
    } catch {
      // `get` says what is wrong.
      return undefined
    }
  }

  on(type: 'rotated', listener: (event: RotatedEvent) => void): () => void {
    if (type !== 'rotated') throw new TypeError(`A handle has no event "${type}", only "rotated".`)
    if (typeof listener !== 'function') throw new TypeError('The listener of "rotated" must be a function.')
    return this.#reads.onRotated(listener)
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
