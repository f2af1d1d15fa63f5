import type { DeepReadonly } from './deep-readonly.js'
import type { OutputOf, StandardSchema } from './standard-schema.js'

/**
 * One version of a secret, as the cache read it.
 *
 * What it says of the version never changes; `ageMs`, `stale` and `versionStages` are live. Printing it, serialising it or
 * inspecting it shows which secret it is and nothing of its value.
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
  /** When this version was made, if the source says so. A fresh Date each time. */
  readonly createdDate: Date | undefined
  /** How long ago the cache last learned that this is the version. */
  readonly ageMs: number
  /** Whether it is past its TTL, invalidated, or superseded by another version. */
  readonly stale: boolean
  /** The text. Throws ERR_SECRET_FORMAT for a binary secret. */
  text(): string
  /** A fresh copy of the bytes. Throws ERR_SECRET_FORMAT for a text secret. */
  bytes(): Buffer
  /**
   * The text as JSON, parsed and validated once per schema and frozen deep. Without a schema, the type is the caller's word.
   *
   * Throws ERR_SECRET_FORMAT if it is no JSON, ERR_SECRET_SCHEMA if the schema refuses it or answers only later: `getSecretJson`
   * waits for such a schema.
   */
  json<Schema extends StandardSchema>(schema: Schema): DeepReadonly<OutputOf<Schema>>
  json<T = unknown>(schema?: StandardSchema<T> | undefined): DeepReadonly<T>
  /** Which secret it is, without its value. */
  toString(): string
  /** What JSON.stringify shows: which secret it is, without its value. */
  toJSON(): { arn: string; name: string; versionId: string; versionStages: readonly string[] }
}
