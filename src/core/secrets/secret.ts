import type { DeepReadonly } from './deep-readonly.js'
import type { OutputOf, StandardSchema } from './standard-schema.js'

/**
 * One version of a secret, as the cache read it.
 *
 * The value never changes; `ageMs`, `stale` and `versionStages` are live. Printing, serialising or inspecting it shows which secret it is,
 * but not its value.
 *
 * @example
 * const secret = await secrets.getSecret('prod/api-key')
 * console.info(secret.versionId, secret.ageMs)
 * await callApi(secret.text())
 */
export interface Secret {
  /** The full ARN. */
  readonly arn: string
  /** The name, without the random suffix of the ARN. */
  readonly name: string
  /** The id of this version. */
  readonly versionId: string
  /** The staging labels of this version when it was last read. */
  readonly versionStages: readonly string[]
  /** When this version was created, if the source provides that. A new Date for each access. */
  readonly createdDate: Date | undefined
  /** How many milliseconds ago the cache last confirmed that this is the version to serve. */
  readonly ageMs: number
  /** Whether it is past its TTL, invalidated, or superseded by another version. */
  readonly stale: boolean
  /** Returns the text. Throws ERR_SECRET_FORMAT if the secret is binary. */
  text(): string
  /** Returns a new copy of the bytes. Throws ERR_SECRET_FORMAT if the secret is text. */
  bytes(): Buffer
  /**
   * Returns the text as JSON, parsed and validated once per schema and deeply frozen. Without a schema, the type argument is not checked.
   *
   * Throws ERR_SECRET_FORMAT if the text is not JSON, and ERR_SECRET_SCHEMA if the schema rejects it or validates asynchronously:
   * `getSecretJson` waits for such a schema.
   */
  json<Schema extends StandardSchema>(schema: Schema): DeepReadonly<OutputOf<Schema>>
  json<T = unknown>(schema?: StandardSchema<T> | undefined): DeepReadonly<T>
  /** Describes which secret it is, without its value. */
  toString(): string
  /** The output of JSON.stringify: which secret it is, without its value. */
  toJSON(): { arn: string; name: string; versionId: string; versionStages: readonly string[] }
}
