import type { HeldVersion } from '../entries/held-version.js'
import type { DeepReadonly } from './json.js'
import type { StandardSchema } from './standard-schema.js'

/**
 * One version of a secret, as the cache read it.
 *
 * What it says of the version never changes; `ageMs`, `stale` and `versionStages` are live. Printing it, serialising it or
 * inspecting it shows which secret it is and nothing of its value.
 *
 * @example
 * const secret = await secrets.getSecret('prod/db')
 * secret.versionId // '4d383ea9-…'
 * secret.json().password
 */
export class Secret {
  readonly #held: HeldVersion

  /** @internal */
  constructor(held: HeldVersion) {
    this.#held = held
  }

  /** The full ARN. */
  get arn(): string {
    return this.#held.arn
  }

  get name(): string {
    return this.#held.name
  }

  get versionId(): string {
    return this.#held.versionId
  }

  /** The staging labels of this version when it was last read. */
  get versionStages(): readonly string[] {
    return this.#held.versionStages
  }

  /** When this version was made, if the source says so. A fresh Date each time. */
  get createdDate(): Date | undefined {
    return this.#held.createdAt === undefined ? undefined : new Date(this.#held.createdAt)
  }

  /** How long ago the cache last learned that this is the version. */
  get ageMs(): number {
    return this.#held.ageMs()
  }

  /** Whether it is past its TTL, invalidated, or superseded by another version. */
  get stale(): boolean {
    return !this.#held.isFresh()
  }

  /** The text. Throws ERR_SECRET_FORMAT for a binary secret. */
  text(): string {
    return this.#held.text()
  }

  /** A fresh copy of the bytes. Throws ERR_SECRET_FORMAT for a text secret. */
  bytes(): Buffer {
    return this.#held.bytes()
  }

  /**
   * The text as JSON, parsed and validated once per schema and frozen deep.
   *
   * Throws ERR_SECRET_FORMAT if it is no JSON, ERR_SECRET_SCHEMA if the schema refuses it or answers only later: `getSecretJson`
   * waits for such a schema.
   */
  json<Output>(schema: StandardSchema<Output>): DeepReadonly<Output>
  json<T = unknown>(): DeepReadonly<T>
  json(schema?: StandardSchema): unknown {
    return this.#held.json(schema)
  }

  toString(): string {
    return `[Secret ${this.name}]`
  }

  /** What JSON.stringify shows: which secret it is, without its value. */
  toJSON(): { arn: string; name: string; versionId: string; versionStages: readonly string[] } {
    const { arn, name, versionId, versionStages } = this
    return { arn, name, versionId, versionStages }
  }
}

// What util.inspect and console.log show.
Object.defineProperty(Secret.prototype, Symbol.for('nodejs.util.inspect.custom'), {
  value(this: Secret): string {
    return `Secret { name: '${this.name}', versionId: '${this.versionId}', stale: ${this.stale} }`
  },
})
