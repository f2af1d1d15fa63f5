import type { Secret } from '../core/secrets/secret.js'
import type { Readings } from '../pools/followed.js'
import type { Version } from '../pools/followed-logins.js'
import { loginOf, sameAccount } from '../pools/login.js'
import type { ExpiringLogin } from '../pools/login-source.js'

/** A version that a client can be created from. Only `create` knows what it means. */
export interface Given extends Version {
  /** What `create` is called with. */
  readonly from: Secret | ExpiringLogin
}

/** How a swap reads a secret or a source: as it is. */
export const asItIs: Readings<Given> = {
  ofSecret: () => ({ loginOf: secret => ({ versionId: secret.versionId, from: secret }), sameAccount: sameUser }),
  // A client keeps the password that it was created with, so each new one replaces it.
  ofSource: { fromSource: login => ({ versionId: login.id, from: login }), sameAccount: () => false },
}

/** Whether both are for one user, as far as that is known. */
export function sameUser({ from: one }: Given, { from: other }: Given): boolean {
  if ('username' in one || 'username' in other) return 'username' in one && 'username' in other && one.username === other.username
  try {
    return sameAccount(loginOf(one), loginOf(other))
  } catch {
    // It is not a database secret, so it names no other user.
    return true
  }
}
