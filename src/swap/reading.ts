import type { Secret } from '../core/secrets/secret.js'
import type { LoginKind } from '../pools/known-logins.js'
import { loginOf, sameAccount } from '../pools/login.js'

/** How a swap reads a secret: as it is. Only `create` knows what it means. */
export const asItIs: Pick<LoginKind<Secret>, 'loginOf' | 'sameAccount' | 'sameLogin'> = {
  loginOf: secret => secret,
  sameLogin: (one, other) => one.versionId === other.versionId,
  sameAccount(one, other) {
    try {
      return sameAccount(loginOf(one), loginOf(other))
    } catch {
      // It is not a database secret, so it names no other user.
      return true
    }
  },
}
