import { type Account, type Dialect, literal } from './dialect.js'

/** A row of mysql.user, whose columns depend on the server: the limits and requirements of an account, beside its grants. */
export interface AccountRow extends Account {
  readonly columns: Readonly<Record<string, unknown>>
}

/** Queries the accounts of two users, with all columns of this server. */
export function accountsQuery(dialect: Pick<Dialect, 'accounts'>, users: readonly string[]): string {
  return `SELECT * FROM ${dialect.accounts} WHERE User IN (${users.map(literal).join(', ')})`
}

/** The accounts among the rows: MariaDB lists its roles with them. */
export function accountRows(rows: readonly Readonly<Record<string, unknown>>[]): AccountRow[] {
  return rows.filter(row => row.is_role !== 'Y').map(accountRow)
}

/** An account from its row. On MariaDB, the lock and the expiry are in the JSON of `Priv`. */
export function accountRow(row: Readonly<Record<string, unknown>>): AccountRow {
  const columns = row.Priv === undefined ? row : { ...row, ...lockAndExpiry(readJson(row.Priv)) }
  return { user: String(row.User), host: String(row.Host), columns }
}

function lockAndExpiry({ account_locked: locked, password_lifetime: lifetime = -1 }: Record<string, unknown>): object {
  return { account_locked: locked === true ? 'Y' : 'N', password_lifetime: Number(lifetime) < 0 ? null : lifetime }
}

/** JSON as text, or as mysql2 has parsed it. */
function readJson(value: unknown): Record<string, unknown> {
  const read: unknown = typeof value === 'string' && value !== '' ? JSON.parse(value) : value
  return (read ?? {}) as Record<string, unknown>
}

/**
 * All options of an account that ALTER USER can set, except for its password, so that another account gets the same. An option that only
 * the other account has is removed; a lock stays, because an administrator may have set it.
 */
export function accountOptions(from: AccountRow, to: AccountRow | undefined): string {
  const { columns } = from
  const parts = [requirement(columns), limits(columns)]
  if (columns.account_locked === 'Y') parts.push('ACCOUNT LOCK')
  if (columns.password_lifetime !== undefined) parts.push(`PASSWORD EXPIRE ${lifetime(columns.password_lifetime)}`)
  if (columns.Password_reuse_history !== undefined)
    parts.push(`PASSWORD HISTORY ${numberOr(columns.Password_reuse_history, 'DEFAULT')}`)
  if (columns.Password_reuse_time !== undefined) parts.push(`PASSWORD REUSE INTERVAL ${days(columns.Password_reuse_time)}`)
  if (columns.Password_require_current !== undefined)
    parts.push(`PASSWORD REQUIRE CURRENT ${currentRule(columns.Password_require_current)}`.trimEnd())
  return [...parts, ...attributes(from, to)].join(' ')
}

/** What an account requires of its clients' connections. */
export function requirement(columns: Readonly<Record<string, unknown>>): string {
  const { ssl_type: type, ssl_cipher, x509_issuer, x509_subject } = columns
  if (type === 'ANY') return 'REQUIRE SSL'
  if (type === 'X509') return 'REQUIRE X509'
  const parts = Object.entries({ CIPHER: ssl_cipher, ISSUER: x509_issuer, SUBJECT: x509_subject })
    .map(([name, value]) => [name, String(value ?? '')] as const)
    .filter(([, value]) => value !== '')
  return type === '' || parts.length === 0
    ? 'REQUIRE NONE'
    : `REQUIRE ${parts.map(([name, value]) => `${name} ${literal(value)}`).join(' AND ')}`
}

/** The limits by column. Only MariaDB has the last one. */
const limitNames = {
  max_questions: 'MAX_QUERIES_PER_HOUR',
  max_updates: 'MAX_UPDATES_PER_HOUR',
  max_connections: 'MAX_CONNECTIONS_PER_HOUR',
  max_user_connections: 'MAX_USER_CONNECTIONS',
  max_statement_time: 'MAX_STATEMENT_TIME',
}

function limits(columns: Readonly<Record<string, unknown>>): string {
  const known = Object.entries(limitNames).filter(([column]) => columns[column] !== undefined)
  return `WITH ${known.map(([column, name]) => `${name} ${Number(columns[column])}`).join(' ')}`
}

function numberOr(value: unknown, ifNull: string): string {
  return value === null ? ifNull : String(Number(value))
}

function days(value: unknown): string {
  return value === null ? 'DEFAULT' : `${Number(value)} DAY`
}

function lifetime(value: unknown): string {
  if (value === null) return 'DEFAULT'
  return Number(value) === 0 ? 'NEVER' : `INTERVAL ${days(value)}`
}

function currentRule(value: unknown): string {
  if (value === null) return 'DEFAULT'
  return value === 'Y' ? '' : 'OPTIONAL'
}

interface UserAttributes {
  metadata?: Record<string, unknown>
  Password_locking?: { failed_login_attempts?: number; password_lock_time_days?: number }
}

/** Included only if one of the two has any: older servers do not know these options. */
function attributes(from: AccountRow, to: AccountRow | undefined): string[] {
  const [wanted, had] = [readAttributes(from), to === undefined ? {} : readAttributes(to)]
  const parts: string[] = []
  if (wanted.Password_locking !== undefined || had.Password_locking !== undefined) {
    const { failed_login_attempts: attempts = 0, password_lock_time_days: lockDays = 0 } = wanted.Password_locking ?? {}
    parts.push(`FAILED_LOGIN_ATTEMPTS ${attempts} PASSWORD_LOCK_TIME ${lockDays < 0 ? 'UNBOUNDED' : lockDays}`)
  }
  const metadata = mergePatch(had.metadata ?? {}, wanted.metadata ?? {})
  if (Object.keys(metadata).length > 0) parts.push(`ATTRIBUTE ${literal(JSON.stringify(metadata))}`)
  return parts
}

/** The patch that turns one object into the other when ATTRIBUTE merges it: null removes a key, at any depth. */
function mergePatch(had: Record<string, unknown>, wanted: Record<string, unknown>): Record<string, unknown> {
  const gone = Object.keys(had).filter(key => !Object.hasOwn(wanted, key))
  const patches = Object.entries(wanted).map(([key, value]) => {
    const before = had[key]
    return [key, isObject(before) && isObject(value) ? mergePatch(before, value) : value] as const
  })
  return Object.fromEntries([...gone.map(key => [key, null] as const), ...patches])
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function readAttributes({ columns }: AccountRow): UserAttributes {
  return readJson(columns.User_attributes)
}
