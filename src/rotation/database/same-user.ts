import { isDeepStrictEqual } from 'node:util'
import { rotationError } from '../rotation-error.js'
import type { Login } from './database.js'
import type { RotatedSecret } from './rotated-secret.js'

/** What to do where AWSPENDING was made from another AWSCURRENT than that of now. */
const beginAgain =
  'Remove the label AWSPENDING from the version, and rotate again: the next rotation starts from the present AWSCURRENT.'

/** What to do where one version leads elsewhere than another. */
export const remedies = {
  current: `If AWSPENDING opens the database, undo that change of AWSCURRENT until the rotation has ended. Otherwise: ${beginAgain}`,
  previous: 'The current version does not open the database: put working credentials into the secret, and rotate again.',
}

/** A version that names another user or host must not make this function change that one. */
function requireSame(
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
      hint: remedies[label],
    })
  }
  requireSameHost(pending, other, label, secretId)
}

/**
 * The one password is changed at the address in the current version. If the pending version had another address, its test would fail after
 * the change, and neither version would open anything.
 */
export function requireSameAddress(pending: Login, current: Login, secretId: string): void {
  requireSame(pending, current, 'current', secretId)
  if (isSamePlace(pending, current) && pending.tls === current.tls) return
  throw rotationError({
    message: `Attempting to modify user ${pending.username} by another port, dbname or ssl than those of the current version`,
    secretId,
    hint: 'A rotation changes only the password. If AWSPENDING opens the database, give AWSCURRENT its port, dbname and ssl until the rotation has ended. Otherwise remove the label AWSPENDING from the version, and rotate again.',
  })
}

/**
 * AWSPENDING is a copy of AWSCURRENT from the start of the rotation, and each attempt continues with it. It would undo what has been
 * changed since, such as the correction of a mistake that made the first attempt fail.
 */
export function requireSameFields(pending: RotatedSecret, current: RotatedSecret, secretId: string): void {
  // As JSON has them: it knows no -0, which the secret may hold.
  const others = ({ fields }: RotatedSecret): unknown => JSON.parse(JSON.stringify({ ...fields, username: '', password: '' }))
  if (isDeepStrictEqual(others(pending), others(current))) return
  throw rotationError({
    message: 'The current version of the secret has been changed since AWSPENDING was made from it',
    secretId,
    hint: beginAgain,
  })
}

/**
 * If the previous version opens the database and the current one does not, the current one must have the same address. Otherwise anyone who
 * can write the secret, but not read it, could have the new password sent to their server, or have it sent without TLS.
 */
export function requireSameAddressBefore(current: Login, previous: Login, secretId: string): void {
  requireSame(current, previous, 'previous', secretId)
  if (isSameAddress(current, previous)) return
  throw rotationError({
    message: `Attempting to modify user ${current.username} by another port or dbname than those of the previous version, or without its TLS`,
    secretId,
    hint: remedies.previous,
  })
}

/** Whether the current version has the address of the previous one. TLS may have been added since. */
export function isSameAddress(current: Login, previous: Login): boolean {
  return isSameHost(current.host, previous.host) && isSamePlace(current, previous) && (current.tls || !previous.tls)
}

function isSamePlace(one: Login, other: Login): boolean {
  return one.port === other.port && one.dbname === other.dbname
}

/** Host names are case-insensitive. */
export function isSameHost(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}

/** Like `requireSame`, for the host alone. */
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
    hint: remedies[label],
  })
}
