import type { PeekOptions, ReadOptions } from '../options/read-options.js'
import type { DeepReadonly } from '../secrets/deep-readonly.js'
import type { Secret } from '../secrets/secret.js'
import type { OutputOf, StandardSchema } from '../secrets/standard-schema.js'

/**
 * What reads secrets: a `SecretCache` of either module format, or what stands for one in a test.
 *
 * Let your own code ask for this where it only reads.
 *
 * @example
 * class Billing {
 *   constructor(private readonly secrets: SecretReader) {}
 *   async charge() {
 *     return callApi(await this.secrets.getSecretString('prod/billing-key'))
 *   }
 * }
 */
export interface SecretReader {
  /** The text of a secret. Rejects with ERR_SECRET_FORMAT if the secret is binary. */
  getSecretString(secretId: string, options?: ReadOptions): Promise<string>
  /** The bytes of a binary secret: a fresh copy for each read. */
  getSecretBinary(secretId: string, options?: ReadOptions): Promise<Buffer>
  /** A secret's text as JSON, validated by a schema; without one, the type is the caller's word. */
  getSecretJson<Schema extends StandardSchema>(
    secretId: string,
    schema: Schema,
    options?: ReadOptions,
  ): Promise<DeepReadonly<OutputOf<Schema>>>
  getSecretJson<T = unknown>(secretId: string, options?: ReadOptions): Promise<DeepReadonly<T>>
  getSecretJson<T = unknown>(
    secretId: string,
    schema: StandardSchema<T> | undefined,
    options?: ReadOptions,
  ): Promise<DeepReadonly<T>>
  /** A version of a secret with all that is known of it. */
  getSecret(secretId: string, options?: ReadOptions): Promise<Secret>
  /** What is held and may be served, in an outage at least; undefined if nothing is. Never loads. */
  peek(secretId: string, options?: PeekOptions): Secret | undefined
}
