import { type ErrorKind, networkCodes } from './error-kind.js'

/** By the code that begins what Redis says. `ERR` is told below: it is the code of everything else. */
const kinds: Readonly<Record<string, ErrorKind>> = {
  WRONGPASS: 'refused',
  NOAUTH: 'refused',
  BUSY: 'unreachable',
  CLUSTERDOWN: 'unreachable',
  LOADING: 'unreachable',
  MASTERDOWN: 'unreachable',
}

/** The first that fits counts. */
const texts: readonly (readonly [ErrorKind, RegExp])[] = [
  ['full', /ERR max number of clients/i],
  // Of Redis 5 and below.
  ['refused', /ERR invalid password/i],
]

/** The code that Redis begins with: at the front, or after the words of a driver. Undefined if it is the connection that failed. */
export function redisCodeOf(error: unknown): string | undefined {
  const [, code] = /(?:^|: )([A-Z]{3,}) /.exec(messageOf(error)) ?? []
  return code
}

/** What an error of a client of Redis means for the login. */
export function redisKindOf(error: unknown): ErrorKind {
  const code = redisCodeOf(error)
  if (code !== undefined) return kinds[code] ?? texts.find(([, text]) => text.test(messageOf(error)))?.[0] ?? 'other'
  return networkCodes.has((error as { code?: unknown } | undefined)?.code) || isLost(error) ? 'unreachable' : 'other'
}

/** Whether the connection is gone, and with it whatever was sent by it. */
export function isLost(error: unknown): boolean {
  return redisCodeOf(error) === undefined && /\b(?:closed|disconnects|(?:socket|connection) timeout)\b/i.test(messageOf(error))
}

/** Whether Redis takes no login now, whatever it is: a connection that subscribes to channels by RESP 2 may do nothing else. */
export function isOutOfPlace(error: unknown): boolean {
  return /\bERR Can't execute 'auth'/i.test(messageOf(error))
}

function messageOf(error: unknown): string {
  const { message } = (error ?? {}) as { message?: unknown }
  return typeof message === 'string' ? message : ''
}
