import { SecretCacheError } from '../core/failures/errors.js'

/** The error of a test that uses something which the fake does not have. */
export function unexpected(message: string, known: Iterable<string>): SecretCacheError {
  return new SecretCacheError({ code: 'ERR_FAKE_UNEXPECTED', message: `${message} There is: ${[...known].join(', ')}.` })
}
