import { rotationError } from '../rotation-error.js'
import type { Login } from './database.js'

/** A version that names another user or host must not make this function change that one. */
export function requireSame(
  pending: Pick<Login, 'username' | 'host'>,
  other: Pick<Login, 'username' | 'host'>,
  label: 'current' | 'previous',
  secretId: string,
): void {
  if (pending.username !== other.username) {
    const whose = label === 'current' ? 'current user' : 'previous valid user'
    throw rotationError({
      message: `Attempting to modify user ${pending.username} other than ${whose} ${other.username}`,
      secretId,
    })
  }
  requireSameHost(pending, other, label, secretId)
}

/**
 * The one password is changed where the current version leads. If the pending one led elsewhere, its test would fail after the change,
 * and neither version would open anything.
 */
export function requireSameAddress(pending: Login, current: Login, secretId: string): void {
  requireSame(pending, current, 'current', secretId)
  if (pending.port === current.port && pending.dbname === current.dbname && pending.tls === current.tls) return
  throw rotationError({
    message: `Attempting to modify user ${pending.username} by another port, dbname or ssl than those of the current version`,
    secretId,
    hint: 'A rotation changes the password alone: take the label AWSPENDING off the version, and rotate again.',
  })
}

/** Names of hosts have no case. */
export function isSameHost(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}

/** As `requireSame`, for the host alone. */
export function requireSameHost(
  pending: Pick<Login, 'host'>,
  other: Pick<Login, 'host'>,
  label: 'current' | 'previous',
  secretId: string,
): void {
  if (isSameHost(pending.host, other.host)) return
  throw rotationError({
    message: `Attempting to modify user for host ${pending.host} other than ${label} host ${other.host}`,
    secretId,
  })
}
