import type { Secret } from '../secrets/secret.js'
import type { StandardSchema } from '../secrets/standard-schema.js'

/** The part of a held version that a `Secret` shows. */
interface Shown {
  readonly arn: string
  readonly name: string
  readonly versionId: string
  readonly versionStages: readonly string[]
  readonly createdAt: number | undefined
  ageMs(): number
  isFresh(): boolean
  text(): string
  bytes(): Buffer
  json(schema: StandardSchema | undefined): unknown
}

/** The `Secret` of a held version. */
export class HeldSecret implements Secret {
  readonly #held: Shown

  constructor(held: Shown) {
    this.#held = held
  }

  get arn(): string {
    return this.#held.arn
  }

  get name(): string {
    return this.#held.name
  }

  get versionId(): string {
    return this.#held.versionId
  }

  get versionStages(): readonly string[] {
    return this.#held.versionStages
  }

  get createdDate(): Date | undefined {
    return this.#held.createdAt === undefined ? undefined : new Date(this.#held.createdAt)
  }

  get ageMs(): number {
    return this.#held.ageMs()
  }

  get stale(): boolean {
    return !this.#held.isFresh()
  }

  text(): string {
    return this.#held.text()
  }

  bytes(): Buffer {
    return this.#held.bytes()
  }

  json(schema?: StandardSchema): never {
    // The interface has the types of the result.
    return this.#held.json(schema) as never
  }

  toString(): string {
    return `[Secret ${this.name}]`
  }

  toJSON(): { arn: string; name: string; versionId: string; versionStages: readonly string[] } {
    const { arn, name, versionId, versionStages } = this
    return { arn, name, versionId, versionStages }
  }
}

// The output of util.inspect and console.log, without the value.
Object.defineProperty(HeldSecret.prototype, Symbol.for('nodejs.util.inspect.custom'), {
  value(this: HeldSecret): string {
    return `Secret { name: '${this.name}', versionId: '${this.versionId}', stale: ${this.stale} }`
  },
})
