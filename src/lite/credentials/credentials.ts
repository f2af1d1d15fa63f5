import { SecretCacheError } from '../../core/failures/errors.js'

/** What requests are signed with. */
export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Not there for the keys of a user. */
  readonly sessionToken: string | undefined
}

/**
 * The error of credentials that could not be had. What is held is served meanwhile: they may come back. Of what is behind it only the system's code and the
 * HTTP status are kept, which the cache repeats if it knows them.
 */
export function credentialsError(message: string, hint: string, thrown?: unknown): SecretCacheError {
  const { code, $metadata } = (thrown ?? {}) as { code?: unknown; $metadata?: unknown }
  const cause = Object.assign(new Error(message), { name: 'CredentialsProviderError', code, $metadata })
  return new SecretCacheError({ code: 'ERR_SECRET_CREDENTIALS', message, hint, cause })
}
