import { createHash, KeyObject } from 'node:crypto'
import { isSecretCacheError, SecretCacheError } from '../core/failures/errors.js'
import { hasMethod } from '../core/options/check-options.js'
import type { Secret } from '../core/secrets/secret.js'
import { hideValues } from './hide-values.js'
import type { IdentifiedKey } from './keyring.js'
import type { CheckedKeyringOptions } from './keyring-options.js'

/** One version of the secret, and the key that was made from it. */
export interface VersionKey<Key> extends IdentifiedKey<Key> {
  readonly secret: Secret
  /** Finds of a known key all get this promise, so that they allocate nothing. */
  readonly found: Promise<Key>
  /** What the user gets as the current key. */
  readonly identified: IdentifiedKey<Key>
  /** The number of the key for iron-session. It depends on the version alone, so that it is the same in all processes. */
  readonly passwordId: string
}

/** What HMAC-SHA-256 and iron-session require. */
const fewestBytes = 32

/** Creates the key of a version. Throws a `SecretCacheError`, without anything of the secret, if there is no usable key in it. */
export function versionKeyOf<Key>(
  secret: Secret,
  { secretId, key: make }: Pick<CheckedKeyringOptions<Key>, 'secretId' | 'key'>,
): VersionKey<Key> {
  const key = make === undefined ? (textOf(secret, secretId) as Key) : madeBy(make, secret, secretId)
  const bytes = lengthOf(key)
  if (bytes !== undefined && bytes < fewestBytes)
    throw unusable(secretId, `has ${bytes} bytes`, `Use at least ${fewestBytes} random bytes: openssl rand -base64 48.`)
  const kid = secret.versionId
  const identified = Object.freeze(hideValues({ kid, key }, `Key { kid: '${kid}' }`))
  return { kid, key, secret, found: Promise.resolve(key), identified, passwordId: passwordIdOf(kid) }
}

function textOf(secret: Secret, secretId: string): string {
  try {
    return secret.text()
  } catch {
    throw unusable(secretId, 'is binary', 'Pass the option key: secret => secret.bytes().')
  }
}

function madeBy<Key>(make: (secret: Secret) => Key, secret: Secret, secretId: string): Key {
  let key: Key
  try {
    key = make(secret)
  } catch (error) {
    if (isSecretCacheError(error)) throw error
    // Its error may quote the secret.
    throw unusable(secretId, 'could not be created', 'The option key has thrown an error.')
  }
  if (hasMethod(key, 'then')) {
    // Nothing else handles its rejection.
    Promise.resolve(key).catch(() => {})
    throw unusable(
      secretId,
      'is a promise',
      'The option key must return the key itself: createSecretKey and createPrivateKey do.',
    )
  }
  if (key === undefined || key === null) throw unusable(secretId, `is ${key}`, 'The option key must return the key.')
  return key
}

/** The length of a symmetric key, if it is known. */
function lengthOf(key: unknown): number | undefined {
  if (typeof key === 'string') return Buffer.byteLength(key)
  if (ArrayBuffer.isView(key)) return key.byteLength
  return key instanceof KeyObject ? key.symmetricKeySize : undefined
}

function unusable(secretId: string, what: string, hint: string): SecretCacheError {
  return new SecretCacheError({ code: 'ERR_SECRET_FORMAT', message: `The key of ${secretId} ${what}.`, secretId, hint })
}

function passwordIdOf(kid: string): string {
  return String(createHash('sha256').update(kid).digest().readUIntBE(0, 6))
}
