import type { RotatedEvent } from './events.js'
import type { DeepReadonly } from './json.js'
import type { Secret } from './secret.js'
import type { StandardSchema } from './standard-schema.js'

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

interface View {
  get(): Promise<unknown>
  peek(): Secret | undefined
  onRotated(listener: (event: RotatedEvent) => void): () => void
}

/** Makes the handle of one secret from what the cache lets it do. */
export function createHandle(
  secretId: string,
  schema: StandardSchema | undefined,
  { get, peek, onRotated }: View,
): SecretHandle<unknown> {
  return {
    secretId,
    get,
    get current() {
      try {
        return peek()?.json(schema as StandardSchema)
      } catch {
        // `get` says what is wrong; a property that throws would surprise whoever prints the handle.
        return undefined
      }
    },
    on(type, listener) {
      if (type !== 'rotated') throw new TypeError(`A handle has no event "${type}", only "rotated".`)
      if (typeof listener !== 'function') throw new TypeError('The listener of "rotated" must be a function.')
      return onRotated(listener)
    },
  }
}
