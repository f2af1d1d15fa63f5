import { SecretCacheError } from '../core/failures/errors.js'

/** What work is told that a swap cannot do any more. */
export function closedError(secretId: string): SecretCacheError {
  return new SecretCacheError({ code: 'ERR_SECRET_CACHE_CLOSED', message: `The swap of ${secretId} is closed.`, secretId })
}
