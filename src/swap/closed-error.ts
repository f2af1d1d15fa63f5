import { SecretCacheError } from '../core/failures/errors.js'

/** The error of work that starts after the swap was closed. */
export function closedError(secretId: string | undefined): SecretCacheError {
  const message = secretId === undefined ? 'The swap is closed.' : `The swap of ${secretId} is closed.`
  return new SecretCacheError({ code: 'ERR_SECRET_CACHE_CLOSED', message, secretId })
}
