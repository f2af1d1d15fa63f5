import { SecretCacheError } from '../failures/errors.js'
import { JsonViews } from '../secrets/json-views.js'
import type { Secret } from '../secrets/secret.js'
import { isSameSecret } from '../secrets/secret-id.js'
import type { SecretValue } from '../secrets/source.js'
import type { StandardSchema } from '../secrets/standard-schema.js'
import type { CompleteClock } from '../time/clock.js'
import { isFresh, type Stamp } from './freshness.js'
import { HeldSecret } from './held-secret.js'

/** Most versions have only this label; they share the array. */
const onlyCurrent: readonly string[] = Object.freeze(['AWSCURRENT'])

/**
 * The internals of a `Secret`: the value, the JSON parsed from it, and its freshness.
 *
 * A load that returns the same version again renews the stamp and keeps the object, so that nothing is parsed twice and every reader gets
 * the same promise.
 */
export class HeldVersion implements Stamp {
  /** The ARN in the Region that was read last. */
  arn: string
  readonly name: string
  readonly versionId: string
  readonly createdAt: number | undefined
  versionStages: readonly string[]
  loadedAt: number
  freshMs: number
  invalidated: boolean
  sequence: number

  readonly #clock: CompleteClock
  readonly #value: string | Uint8Array
  #secret: Secret | undefined
  #secretPromise: Promise<Secret> | undefined
  #textPromise: Promise<string> | undefined
  #json: JsonViews | undefined

  constructor(value: SecretValue, clock: CompleteClock, { loadedAt, freshMs, invalidated, sequence }: Stamp) {
    this.arn = value.arn
    this.name = value.name
    this.versionId = value.versionId
    this.createdAt = value.createdDate?.getTime()
    this.versionStages = stagesOf(value)
    // A copy, because the source owns the bytes that it returns.
    this.#value = value.string ?? Uint8Array.from(value.binary as Uint8Array)
    this.#clock = clock
    this.loadedAt = loadedAt
    this.freshMs = freshMs
    this.invalidated = invalidated
    this.sequence = sequence
  }

  /** Whether `value` is this very version. Versions are immutable, but a secret that is created again under its name may reuse an id. */
  isVersionOf(value: SecretValue): boolean {
    return this.versionId === value.versionId && isSameSecret(this.arn, value.arn)
  }

  /** Records that the same version was read again. */
  renew(value: SecretValue, stamp: Stamp): void {
    this.arn = value.arn
    this.versionStages = stagesOf(value)
    this.restamp(stamp)
  }

  /** Called only by the entry that holds it. */
  restamp({
    loadedAt = this.loadedAt,
    freshMs = this.freshMs,
    invalidated = this.invalidated,
    sequence = this.sequence,
  }: Partial<Stamp>): void {
    this.loadedAt = loadedAt
    this.freshMs = freshMs
    this.invalidated = invalidated
    this.sequence = sequence
  }

  isFresh(): boolean {
    return isFresh(this, this.#clock.now())
  }

  ageMs(): number {
    return this.#clock.now() - this.loadedAt
  }

  /** The `Secret` that readers get; the same object for all of them. */
  get secret(): Secret {
    this.#secret ??= new HeldSecret(this)
    return this.#secret
  }

  /** The same promise for every reader until the version changes. */
  asPromise(): Promise<Secret> {
    this.#secretPromise ??= Promise.resolve(this.secret)
    return this.#secretPromise
  }

  text(secretId: string = this.name): string {
    if (typeof this.#value === 'string') return this.#value
    throw notText(secretId)
  }

  /** The same promise for every reader; for a binary secret, each reader gets its own error. */
  textPromise(secretId: string): Promise<string> {
    if (this.#textPromise !== undefined) return this.#textPromise
    if (typeof this.#value !== 'string') return Promise.reject(notText(secretId))
    this.#textPromise = Promise.resolve(this.#value)
    return this.#textPromise
  }

  /** A new copy for each reader, which may change its bytes. */
  bytes(secretId: string = this.name): Buffer {
    if (typeof this.#value !== 'string') return Buffer.from(this.#value)
    throw notBinary(secretId)
  }

  json(schema: StandardSchema | undefined): unknown {
    return this.#jsonViews().now(schema)
  }

  jsonPromise(schema: StandardSchema | undefined, secretId: string): Promise<unknown> {
    // Only text has views, so most reads need no further check.
    if (this.#json !== undefined) return this.#json.promise(schema, secretId)
    if (typeof this.#value !== 'string') return Promise.reject(notText(secretId))
    return this.#jsonViews().promise(schema, secretId)
  }

  #jsonViews(): JsonViews {
    this.#json ??= new JsonViews(this.text(), this.name)
    return this.#json
  }
}

function stagesOf({ versionStages }: SecretValue): readonly string[] {
  return versionStages.length === 1 && versionStages[0] === onlyCurrent[0] ? onlyCurrent : Object.freeze([...versionStages])
}

function notText(secretId: string): SecretCacheError {
  return new SecretCacheError({
    code: 'ERR_SECRET_FORMAT',
    message: `The secret ${secretId} is binary, not text.`,
    secretId,
    hint: 'Use getSecretBinary.',
  })
}

function notBinary(secretId: string): SecretCacheError {
  return new SecretCacheError({
    code: 'ERR_SECRET_FORMAT',
    message: `The secret ${secretId} is text, not binary.`,
    secretId,
    hint: 'Use getSecretString.',
  })
}
