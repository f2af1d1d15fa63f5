import { SecretCacheError } from '../core/failures/errors.js'

/** The error of work that starts after the swap was closed. */
export function closedError(secretId: string): SecretCacheError {
  return new SecretCacheError({ code: 'ERR_SECRET_CACHE_CLOSED', message: `The swap of ${secretId} is closed.`, secretId })
}
