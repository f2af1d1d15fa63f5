import type { PeekOptions, ReadOptions } from '../options/read-options.js'
import type { DeepReadonly } from '../secrets/deep-readonly.js'
import type { Secret } from '../secrets/secret.js'
import type { OutputOf, StandardSchema } from '../secrets/standard-schema.js'

/**
 * The reading methods of a `SecretCache`: the type for your own code that only reads secrets.
 *
 * A `SecretCache` of either module format has this type, and so does a stub in your tests.
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
  /** Reads the text of a secret. Rejects with ERR_SECRET_FORMAT if the secret is binary. */
  getSecretString(secretId: string, options?: ReadOptions): Promise<string>
  /** Reads the bytes of a binary secret: a new copy for each read. Rejects with ERR_SECRET_FORMAT if the secret is text. */
  getSecretBinary(secretId: string, options?: ReadOptions): Promise<Buffer>
  /** Reads the text of a secret as JSON, validated by a schema; without one, the type argument is not checked. */
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
  /** Reads one version of a secret, with its ARN, version id and age. */
  getSecret(secretId: string, options?: ReadOptions): Promise<Secret>
  /** Returns what is held, if it may be served at least in an outage; otherwise undefined. Never loads. */
  peek(secretId: string, options?: PeekOptions): Secret | undefined
}
