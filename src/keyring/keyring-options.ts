import { aFiniteDuration, aFunction, checkOptions, type OptionRule } from '../core/options/check-options.js'
import type { Secret } from '../core/secrets/secret.js'
import { checkFollowedSecret, type FollowedCache } from '../pools/follow-options.js'

/** The options of `createKeyring` for any key. */
interface SharedOptions {
  /** The cache that reads the secret and learns of its rotations. */
  cache: FollowedCache
  /** The secret that contains the key, in any form of its id. */
  secretId: string
  /**
   * How long an unknown key id causes no further call after one that did, in milliseconds. A forged token can have any key id, so this
   * limits what forgeries cost. If that call fails, or still returns the version from before a rotation, a new id is rejected for as long.
   * @default 30_000
   */
  cooldownMs?: number | undefined
  /**
   * How long `keys`, `signer` and `passwords` still sign with the previous key after this process has learned of a rotation, in
   * milliseconds. A cookie does not name its key, so a process that has not learned of the rotation yet would reject one that is signed
   * with the new key. Set it to the `ttlMs` of the caches plus a minute, or to 0 to stop signing with a key that has leaked.
   *
   * A process that starts counts from the creation of the version, or from its start if the source does not provide that. So does one that
   * has not confirmed its version for longer than `signAfterMs`, because it was frozen or could not read.
   *
   * What is signed must expire before the next rotation, with the `ttlMs` of the caches, ten seconds and `signAfterMs` added: in total about
   * twice `signAfterMs`.
   * @default 360_000, which is enough for caches with default settings
   */
  signAfterMs?: number | undefined
}

/** The options of `createKeyring` for a secret whose text is the key. */
export interface KeyringTextOptions extends SharedOptions {
  /** Without it, the key is the text of the secret. */
  key?: undefined
}

/** The options of `createKeyring` for a key that is made from the secret. */
export interface KeyringKeyOptions<Key> extends SharedOptions {
  /**
   * Creates the key from one version of the secret: text, bytes, a `KeyObject`, or whatever your library takes. It is called once for each
   * version, and must return the key itself, not a promise. Text, bytes and symmetric keys must have at least 32 bytes.
   * @default the text of the secret
   */
  key: (secret: Secret) => Key
}

/** The options of `createKeyring`. */
export type KeyringOptions<Key = string> = KeyringTextOptions | KeyringKeyOptions<Key>

/** The options after they were checked. */
export interface CheckedKeyringOptions<Key> {
  readonly cache: FollowedCache
  readonly secretId: string
  readonly key: ((secret: Secret) => Key) | undefined
  readonly cooldownMs: number
  readonly signAfterMs: number
}

const checkedTogether: OptionRule = () => undefined

const rules: Readonly<Record<keyof KeyringKeyOptions<unknown>, OptionRule>> = {
  cache: checkedTogether,
  secretId: checkedTogether,
  key: aFunction,
  cooldownMs: aFiniteDuration,
  signAfterMs: aFiniteDuration,
}

/** Checks the options once. A mistake is a TypeError that names the option. */
export function checkKeyringOptions<Key>(options: KeyringOptions<Key>): CheckedKeyringOptions<Key> {
  checkOptions('createKeyring', options, rules)
  const { cache, secretId, key, cooldownMs = 30_000, signAfterMs = 360_000 } = options
  if (cache === undefined && secretId === undefined) throw new TypeError('createKeyring needs cache and secretId.')
  checkFollowedSecret('createKeyring', cache, secretId)
  return Object.freeze({ cache, secretId, key, cooldownMs, signAfterMs })
}
