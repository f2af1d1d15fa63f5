import type { Writes } from '../core/loads/writes.js'
import type { SecretsManagerClientLike } from '../core/options/options.js'
import type { SecretCache } from '../core/secret-cache.js'
import { checkSecretId } from '../core/secrets/secret-id.js'
import { WriteAccess } from './write-access.js'

/** A `SecretCache`. */
export type AdministeredCache = Pick<SecretCache, 'on' | 'invalidate' | 'refreshNow'>

/** What every function of `awscurrent/admin` takes. */
export interface AdminOptions {
  /** The client that sends the call. @default the one that the cache reads by; a cache with a source of its own has none */
  client?: SecretsManagerClientLike | undefined
  /** Gives the call up: it rejects with the signal's reason. What was sent by then may be done all the same, and the next read asks. */
  signal?: AbortSignal | undefined
  /**
   * The idempotency token, 32 to 64 characters, which becomes the id of the version: a call repeated with it, by another process too, is
   * carried out once. @default one that is drawn for each call, and sent with each of its attempts
   */
  clientRequestToken?: string | undefined
}

/** The inside of a cache. Throws unless it is one, and `secretId` can be the id of a secret. */
export function accessTo(cache: AdministeredCache, secretId: string): WriteAccess {
  const writes = (cache as Partial<SecretCache> | null | undefined)?.inside?.() as Writes | undefined
  if (writes === undefined) throw new TypeError('The first argument must be a SecretCache.')
  checkSecretId(secretId)
  return new WriteAccess(writes)
}
