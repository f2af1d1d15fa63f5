import { SecretCacheError } from '../../core/failures/errors.js'

/** The credentials that sign requests. */
export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Undefined for the keys of an IAM user. */
  readonly sessionToken: string | undefined
}

/**
 * The error of missing credentials. It is transient: until there are some, the cache serves the last known good value. Of the original
 * error, only the system error code and the HTTP status are kept, which the cache repeats if it knows them.
 */
export function credentialsError(message: string, hint: string, thrown?: unknown): SecretCacheError {
  const { code, $metadata } = (thrown ?? {}) as { code?: unknown; $metadata?: unknown }
  const cause = Object.assign(new Error(message), { name: 'CredentialsProviderError', code, $metadata })
  return new SecretCacheError({ code: 'ERR_SECRET_CREDENTIALS', message, hint, cause })
}

/** Whether it can be sent in a header. Node's own error would be classified as one that waiting helps. */
export function isSendable(text: string): boolean {
  return /^[\x20-\x7e]+$/.test(text)
}

/** The error of a variable whose text cannot be sent. It does not contain the text. */
export function unsendable(name: string): SecretCacheError {
  const message = `${name} contains a line break or another character that credentials cannot contain.`
  return credentialsError(message, 'Does its file end in a line break?')
}
