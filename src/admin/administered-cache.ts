import type { Writes } from '../core/loads/writes.js'
import type { SecretsManagerClientLike } from '../core/options/options.js'
import type { SecretCache } from '../core/secret-cache.js'
import { checkSecretId } from '../core/secrets/secret-id.js'
import { WriteAccess } from './write-access.js'

/** The cache whose secrets are changed: a `SecretCache`. */
export type AdministeredCache = Pick<SecretCache, 'on' | 'invalidate' | 'refreshNow'>

/** Options of every function of `awscurrent/admin`. */
export interface AdminOptions {
  /** The client that sends the call. Required if the cache has its own `source`. @default the client by which the cache reads */
  client?: SecretsManagerClientLike | undefined
  /** Gives up the call, which rejects with the reason of the signal. It may still be carried out, so the next read loads the secret. */
  signal?: AbortSignal | undefined
  /**
   * The idempotency token, 32 to 64 characters, which becomes the id of the version. Calls that are repeated with the same token, also by
   * another process, are carried out once. @default a random one for each call, sent with each of its attempts
   */
  clientRequestToken?: string | undefined
}

/** The internals of a cache. Throws unless `cache` is a SecretCache and `secretId` can be the id of a secret. */
export function accessTo(cache: AdministeredCache, secretId: string): WriteAccess {
  const writes = (cache as Partial<SecretCache> | null | undefined)?.inside?.() as Writes | undefined
  if (writes === undefined) throw new TypeError('The first argument must be a SecretCache.')
  checkSecretId(secretId)
  return new WriteAccess(writes)
}
