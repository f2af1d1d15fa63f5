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

/** As `requireSame`, for the host alone. */
export function requireSameHost(
  pending: Pick<Login, 'host'>,
  other: Pick<Login, 'host'>,
  label: 'current' | 'previous',
  secretId: string,
): void {
  if (pending.host === other.host) return
  throw rotationError({
    message: `Attempting to modify user for host ${pending.host} other than ${label} host ${other.host}`,
    secretId,
  })
}
