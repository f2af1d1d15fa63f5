import { RotationRefusal } from '../rotation-error.js'
import { literal, nativeHash } from './dialect.js'
import { withoutQuoted } from './grants.js'

/** An authentication method of a MariaDB account, which may have several. */
export interface AuthMethod {
  plugin: string
  /** The hash of the password, or the text that tells the plugin whom to accept. */
  hash: string
  /** In the form for ALTER USER. */
  text: string
}

const native = 'mysql_native_password'

/** It requires nothing of a client over TCP, so the next method is tried, and it has no password that SET PASSWORD could change. */
const withoutPassword = 'unix_socket'

/** That of the current version and that of the new one: a server that tries the methods in turn accepts either. */
const mostPasswords = 2

const hint = `MariaDB accounts are rotated by ${native}: have an administrator give the account one password of that plugin, with no other method before it except ${withoutPassword}.`

/** Parses the result of SHOW CREATE USER. A single password by mysql_native_password has a form of its own there. */
export function authMethods(createUser: string): AuthMethod[] {
  const sign = ' IDENTIFIED VIA '
  const start = withoutQuoted(createUser).indexOf(sign)
  if (start === -1) return [{ plugin: native, hash: '', text: native }]
  const methods: AuthMethod[] = []
  const method = /(\w+)(?: (?:USING|AS) ('(?:[^']|'')*'))?( OR )?/y
  method.lastIndex = start + sign.length
  for (let found = method.exec(createUser); found !== null; found = found[3] === undefined ? null : method.exec(createUser)) {
    const [, plugin = '', quoted] = found
    const hash = quoted === undefined ? '' : unquoted(quoted)
    methods.push({ plugin, hash, text: quoted === undefined ? plugin : `${plugin} USING ${literal(hash)}` })
  }
  return methods
}

const escaped: Readonly<Record<string, string>> = { n: '\n', r: '\r', 0: '\0', Z: '\x1a' }

/** MariaDB escapes with backslashes here, even if the session's literals have none. */
function unquoted(text: string): string {
  return text
    .slice(1, -1)
    .replaceAll("''", "'")
    .replace(/\\(.)/gs, (_, character: string) => escaped[character] ?? character)
}

/** The names of all methods that are not passwords; undefined if there are none. */
export function namesOfOthers(methods: readonly AuthMethod[]): string | undefined {
  const names = methods.filter(({ plugin }) => plugin !== native).map(({ plugin }) => plugin)
  return names.length > 0 && methods.length > 1 ? names.join(' and ') : undefined
}

/**
 * Refuses an account that was opened by something other than a password which a rotation could change. An account has at most two
 * passwords, and this login has used one of them. The other is that of the previous version, or of a rotation that was given up.
 */
export function requireOwnPassword(methods: readonly AuthMethod[], current: string): void {
  if (methods.length === 1) return
  const hash = nativeHash(current)
  if (isFirstWay(methods) && passwordsOf(methods).some(password => password.hash === hash)) return
  throw new RotationRefusal(
    'the account has several authentication methods, and its first password was not set by a rotation',
    hint,
  )
}

/** Whether an account has another password beside that of a login. */
export function hasOlderPassword(methods: readonly AuthMethod[]): boolean {
  return passwordsOf(methods).length > 1
}

/** The methods of an account with these passwords in place of those that it has, for ALTER USER. */
export function identifiedBy(methods: readonly AuthMethod[], passwords: readonly string[]): string {
  const [first] = passwordsOf(methods)
  const texts = methods.flatMap(method => {
    if (method.plugin !== native) return [method.text]
    return method === first ? passwords.map(password => `${native} USING '${nativeHash(password)}'`) : []
  })
  return `IDENTIFIED VIA ${texts.join(' OR ')}`
}

/** Refuses an account that has no password to change, or more than one that a change could mean. */
export function requireSettable(methods: readonly AuthMethod[]): void {
  if (isFirstWay(methods)) return
  const names = methods.map(({ plugin }) => plugin).join(' or ')
  throw new RotationRefusal(`an account of the user logs in by ${names}, not by a password that could be set`, hint)
}

/**
 * The change that gives an account with several methods a new password and keeps its other methods, for ALTER USER; undefined if there is
 * only one method, for which SET PASSWORD is enough.
 */
export function identifiedAnew(methods: readonly AuthMethod[], password: string): string | undefined {
  requireSettable(methods)
  return methods.length === 1 ? undefined : identifiedBy(methods, [password])
}

/** Whether a password is what the server asks for first: SET PASSWORD changes the first method that has one. */
function isFirstWay(methods: readonly AuthMethod[]): boolean {
  const first = methods.find(({ plugin }) => plugin !== withoutPassword)
  return first?.plugin === native && passwordsOf(methods).length <= mostPasswords
}

function passwordsOf(methods: readonly AuthMethod[]): AuthMethod[] {
  return methods.filter(({ plugin }) => plugin === native)
}
