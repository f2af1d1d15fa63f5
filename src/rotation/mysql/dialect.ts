import { createHash } from 'node:crypto'

/** What differs between MySQL and MariaDB. */
export interface Dialect {
  /** The literal for SET PASSWORD. */
  password(password: string): string
  /** The clause that gives an account that password, on MySQL with a plugin. */
  identified(password: string, plugin: unknown): string
  /** The table, or tables, with the options of accounts. */
  accounts: string
  /** Whether an account may have two passwords: MySQL since 8.0.14. */
  keepsOldPassword?: boolean
  /** Whether an account may have several authentication methods. */
  isMariadb?: boolean
  /** Queries the roles that are active at login; undefined where SHOW GRANTS contains them. */
  defaultRoles?(account: Account): string
  /** Queries the accounts that have an account as a role; undefined where accounts cannot be roles. */
  roleHolders?(account: Account): string
}

/** MySQL 5.7 and newer accepts the password itself, and keeps it out of its logs. */
const mysqlDialect: Dialect = {
  accounts: 'mysql.user',
  password: literal,
  identified: (password, plugin) => `IDENTIFIED WITH ${literal(String(plugin))} BY ${literal(password)}`,
  defaultRoles: ({ user, host }) =>
    `SELECT DEFAULT_ROLE_USER AS user, DEFAULT_ROLE_HOST AS host FROM mysql.default_roles WHERE USER = ${literal(user)} AND HOST = ${literal(host)}`,
  roleHolders: ({ user, host }) =>
    `SELECT TO_USER AS user, TO_HOST AS host FROM mysql.role_edges WHERE FROM_USER = ${literal(user)} AND FROM_HOST = ${literal(host)}`,
}

/** MariaDB writes statements to its logs unchanged, but accepts the hash in place of the password. */
const mariadbDialect: Dialect = {
  isMariadb: true,
  // The view mysql.user lacks the lock and the expiry.
  accounts: 'mysql.user JOIN mysql.global_priv USING (Host, User)',
  password: password => literal(nativeHash(password)),
  identified: password => `IDENTIFIED BY PASSWORD ${literal(nativeHash(password))}`,
}

/** The dialect of a server by its VERSION(): MariaDB includes its name, MySQL has only the number. */
export function dialectOf(version: string): Dialect {
  if (/mariadb/i.test(version)) return mariadbDialect
  const { defaultRoles, roleHolders, ...withoutRoles } = mysqlDialect
  const keepsOldPassword = isSince8014(version)
  return { ...(/^[0-7]\./.test(version) ? withoutRoles : mysqlDialect), keepsOldPassword }
}

/** Aurora version 3 may have no third number; it is newer. */
function isSince8014(version: string): boolean {
  const [, major, minor, patch] = /^(\d+)\.(\d+)(?:\.(\d+))?/.exec(version) ?? []
  return Number(major) > 8 || (Number(major) === 8 && (Number(minor) > 0 || Number(patch ?? 14) >= 14))
}

/** The hash of mysql_native_password. */
export function nativeHash(password: string): string {
  const sha1 = (bytes: Buffer | string): Buffer => createHash('sha1').update(bytes).digest()
  return `*${sha1(sha1(password)).toString('hex').toUpperCase()}`
}

/** Quotes a text for sessions with NO_BACKSLASH_ESCAPES: in others, a backslash would have to be doubled too. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** An account: a user and the host that it connects from. */
export interface Account {
  user: string
  host: string
}

/** Quotes the name of an account. Backticks mean the same in every sql_mode. */
export function accountName({ user, host }: Account): string {
  return `${quotedName(user)}@${quotedName(host)}`
}

/** Parses the result of CURRENT_USER(): the host is after the last @. */
export function parseAccount(text: string): Account {
  const at = text.lastIndexOf('@')
  return { user: text.slice(0, at), host: text.slice(at + 1) }
}

/** Quotes a name. */
export function quotedName(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``
}
