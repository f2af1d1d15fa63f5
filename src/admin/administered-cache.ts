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
}

/** The inside of a cache. Throws unless it is one, and `secretId` can be the id of a secret. */
export function accessTo(cache: AdministeredCache, secretId: string): WriteAccess {
  const writes = (cache as Partial<SecretCache> | null | undefined)?.inside?.() as Writes | undefined
  if (writes === undefined) throw new TypeError('The first argument must be a SecretCache.')
  checkSecretId(secretId)
  return new WriteAccess(writes)
}
