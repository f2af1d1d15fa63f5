import type { Secret } from '../core/secrets/secret.js'
import type { Reading } from '../pools/followed-secret.js'
import { loginOf, sameAccount } from '../pools/login.js'

/** How a swap reads a secret: as it is. What it means is for `create` to know. */
export const asItIs: Reading<Secret> = {
  loginOf: secret => secret,
  sameAccount(one, other) {
    try {
      return sameAccount(loginOf(one), loginOf(other))
    } catch {
      // It is no database's: then it names no other user.
      return true
    }
  },
}
