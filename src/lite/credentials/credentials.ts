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

/** Whether it can be sent in a header. Node's own refusal would be taken for one that passes. */
export function isSendable(text: string): boolean {
  return /^[\x20-\x7e]+$/.test(text)
}

/** The error of a variable whose text cannot be sent. It never shows the text. */
export function unsendable(name: string): SecretCacheError {
  const message = `${name} has a line break or another character that no credentials have.`
  return credentialsError(message, 'Does its file end in a line break?')
}
