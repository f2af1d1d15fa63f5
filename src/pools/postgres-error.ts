import { type ErrorKind, networkCodes } from './error-kind.js'
import { errorsIn } from './wrapped-error.js'

/** The properties of a driver's error that are read. */
interface PgError {
  readonly code?: unknown
  readonly originalCode?: unknown
  readonly message?: unknown
}

/** By SQLSTATE. Class 08 is handled below: proxies use it for everything. */
const kinds: Readonly<Record<string, ErrorKind>> = {
  /** invalid_password, also for a role that does not exist. */
  '28P01': 'refused',
  /** too_many_connections; configuration_limit_exceeded, of Aurora DSQL for connections that are opened too fast. */
  '53300': 'full',
  '53400': 'full',
  /** The server shuts down, has crashed, or is starting. */
  '57P01': 'unreachable',
  '57P02': 'unreachable',
  '57P03': 'unreachable',
}

const repeatedByProxy = /server login has been failing/i

/** Messages of PgBouncer, RDS Proxy and extensions, which have no codes of their own. The first match counts. */
const texts: readonly (readonly [ErrorKind, RegExp])[] = [
  // What PgBouncer repeats for 15 s may be about the previous version.
  ['unreachable', repeatedByProxy],
  ['locked', /has been banned/i],
  [
    'refused',
    /SASL authentication failed|password authentication failed|authentication failed for user|no such user|not permitted to log in|password that was provided for the role|no credentials for the role|IAM authentication failed/i,
  ],
  [
    'full',
    /no more connections allowed|remaining connection slots are reserved|client connections exceeded|query_wait_timeout|Timed-out waiting to acquire|Rate of connection|maximum number of client connections|too many competing requests/i,
  ],
  // Of pg, for the query that proves a login: a proxy has accepted the client, and has no connection for it.
  ['full', /^Query read timeout/],
  ['unreachable', /^timeout expired|^Connection terminated|timeout exceeded when trying to connect/i],
]

/** What an error of `pg`, or one that wraps it, means for the login. */
export function postgresKindOf(error: unknown): ErrorKind {
  for (const each of errorsIn(error)) {
    const kind = kindOfOne(each)
    if (kind !== 'other') return kind
  }
  return 'other'
}

function kindOfOne({ code, originalCode, message }: PgError): ErrorKind {
  const state = String(originalCode ?? code ?? '')
  const text = typeof message === 'string' ? message : ''
  const known = kinds[state]
  if (known !== undefined) return known
  if (networkCodes.has(code)) return 'unreachable'
  // Without an entry in pg_hba.conf, no user can log in from here.
  if (state === '28000') return /pg_hba\.conf/.test(text) ? 'other' : 'refused'
  if (state === '08006' && /access denied/i.test(text)) return 'refused'
  // An error with a code of another class is classified by that code: its text may quote anything.
  const mayBeProxy = state === '' || state.startsWith('08') || state === 'XX000'
  const byText = mayBeProxy ? texts.find(([, pattern]) => pattern.test(text))?.[0] : undefined
  return byText ?? (state.startsWith('08') ? 'unreachable' : 'other')
}

/** Whether a proxy repeats an earlier rejection: that is transient. */
export function mayPass(error: unknown): boolean {
  return errorsIn(error).some(({ message }) => typeof message === 'string' && repeatedByProxy.test(message))
}
