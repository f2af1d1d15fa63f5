import { SecretCacheError } from '../core/failures/errors.js'

/** Longer ids cost nothing: no source has version ids like that. */
const longestId = 256

/** Whether a token's key id, which anybody can choose, may be the version id of some source. */
export function isKeyId(kid: unknown): kid is string {
  return typeof kid === 'string' && kid !== '' && kid.length <= longestId
}

/** The error of a token whose key was not found. It does not repeat the key id: anybody can write what they like into a header. */
export function unknownKey(secretId: string, kid: unknown): SecretCacheError {
  const names = isKeyId(kid)
  return new SecretCacheError({
    code: 'ERR_SECRET_VERSION',
    message: names
      ? `The token names a key that is neither AWSCURRENT nor AWSPREVIOUS of ${secretId}.`
      : `The token names no key of ${secretId}.`,
    secretId,
    hint: names
      ? 'It is forged, from another issuer, or older than two rotations: rotate no faster than tokens expire.'
      : 'Sign it with ring.current, and set kid in its header to ring.current.kid.',
  })
}
