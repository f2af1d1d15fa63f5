import { type ErrorKind, networkCodes } from './error-kind.js'

/** By the code at the start of a Redis error. `ERR` is handled below: it is the code of everything else. */
const kinds: Readonly<Record<string, ErrorKind>> = {
  WRONGPASS: 'refused',
  NOAUTH: 'refused',
  BUSY: 'unreachable',
  CLUSTERDOWN: 'unreachable',
  LOADING: 'unreachable',
  MASTERDOWN: 'unreachable',
}

/** The first match counts. */
const texts: readonly (readonly [ErrorKind, RegExp])[] = [
  ['full', /ERR max number of clients/i],
  // Of Redis 5 and older.
  ['refused', /ERR invalid password/i],
]

/** The code of a Redis error: at the start, or after the words of a driver. Undefined if the connection itself failed. */
export function redisCodeOf(error: unknown): string | undefined {
  const [, code] = /(?:^|: )([A-Z]{3,}) /.exec(messageOf(error)) ?? []
  return code
}

/** What an error of a Redis client means for the login. */
export function redisKindOf(error: unknown): ErrorKind {
  const code = redisCodeOf(error)
  if (code !== undefined) return kinds[code] ?? texts.find(([, text]) => text.test(messageOf(error)))?.[0] ?? 'other'
  return networkCodes.has((error as { code?: unknown } | undefined)?.code) || isLost(error) ? 'unreachable' : 'other'
}

/** Whether the connection is gone, and with it everything that was sent on it. */
export function isLost(error: unknown): boolean {
  return redisCodeOf(error) === undefined && /\b(?:closed|disconnects|(?:socket|connection) timeout)\b/i.test(messageOf(error))
}

/** Whether Redis accepts no login at all now: a connection that subscribes to channels with RESP 2 may do nothing else. */
export function isOutOfPlace(error: unknown): boolean {
  return /\bERR Can't execute 'auth'/i.test(messageOf(error))
}

function messageOf(error: unknown): string {
  const { message } = (error ?? {}) as { message?: unknown }
  return typeof message === 'string' ? message : ''
}
