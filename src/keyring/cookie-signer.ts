import { createHmac, timingSafeEqual } from 'node:crypto'
import { SecretCacheError } from '../core/failures/errors.js'
import type { KeysInUse } from './live-keys.js'

/**
 * The outcome of verifying a signed cookie: `valid` tells whether one of the keys has signed it, `value` is what was signed, and `renew`
 * tells that it should be signed again, because its key has been replaced.
 */
export type UnsignedCookie =
  | { readonly valid: true; readonly renew: boolean; readonly value: string }
  | { readonly valid: false; readonly renew: false; readonly value: null }

const rejected: UnsignedCookie = Object.freeze({ valid: false, renew: false, value: null })

/** Signs cookies in the format of cookie-signature: the value, a dot, and its HMAC-SHA-256 in base64. */
export interface CookieSigner {
  /** Appends the signature. Throws `ERR_SECRET_FORMAT` if the key is neither text nor bytes nor a symmetric `KeyObject`. */
  sign(value: string): string
  /** Verifies a signed value with all keys. */
  unsign(signed: string): UnsignedCookie
}

/** Creates a signer for the keys that are in use at each call. */
export function createCookieSigner(secretId: string, keysInUse: () => KeysInUse<unknown>): CookieSigner {
  return Object.freeze({
    sign(value: string) {
      if (typeof value !== 'string') throw new TypeError('sign takes the value of a cookie as text.')
      return `${value}.${signatureOf(value, keysInUse().signing.key, secretId)}`
    },
    unsign(signed: string): UnsignedCookie {
      const dot = typeof signed === 'string' ? signed.lastIndexOf('.') : -1
      if (dot === -1) return rejected
      const value = signed.slice(0, dot)
      const signature = Buffer.from(signed.slice(dot + 1))
      const { signing, verifying, current } = keysInUse()
      for (const version of verifying === undefined ? [signing] : [signing, verifying]) {
        if (!isEqual(signature, Buffer.from(signatureOf(value, version.key, secretId)))) continue
        // A cookie that is signed with the new key already must not be renewed with the previous one.
        return { valid: true, renew: version !== signing && version !== current, value }
      }
      return rejected
    },
  })
}

function isEqual(one: Buffer, other: Buffer): boolean {
  return one.length === other.length && timingSafeEqual(one, other)
}

function signatureOf(value: string, key: unknown, secretId: string): string {
  let hmac: ReturnType<typeof createHmac>
  try {
    hmac = createHmac('sha256', key as string)
  } catch {
    // Its error may quote the key.
    throw new SecretCacheError({
      code: 'ERR_SECRET_FORMAT',
      message: `The key of ${secretId} cannot sign a cookie.`,
      secretId,
      hint: 'The option key must return text, bytes or a symmetric KeyObject.',
    })
  }
  // 32 bytes in base64 end with one character of padding, which the format leaves out.
  return hmac.update(value).digest('base64').slice(0, -1)
}
