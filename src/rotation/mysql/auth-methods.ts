import { RotationRefusal } from '../rotation-error.js'
import { literal, nativeHash } from './dialect.js'
import { withoutQuoted } from './grants.js'

/** A way to log in to an account of MariaDB, which may have several. */
export interface AuthMethod {
  plugin: string
  /** What stands for the password, or tells the plugin whom to let in. */
  hash: string
  /** As ALTER USER takes it. */
  text: string
}

const native = 'mysql_native_password'

/** Asks nothing of a client over TCP, so that the next way is tried, and has no password that SET PASSWORD could change. */
const withoutPassword = 'unix_socket'

/** Of the current version, and of the one in the making: a server that tries the ways in turn lets in by either. */
const mostPasswords = 2

const hint = `MariaDB accounts are rotated by ${native}: have an administrator give the account one password by it, and put no other way before that but ${withoutPassword}.`

/** Reads what SHOW CREATE USER says. One password by mysql_native_password is told in a form of its own. */
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

/** MariaDB escapes with backslashes here even where the session's literals have none. */
function unquoted(text: string): string {
  return text
    .slice(1, -1)
    .replaceAll("''", "'")
    .replace(/\\(.)/gs, (_, character: string) => escaped[character] ?? character)
}

/** Says of all ways but the passwords that they are there; undefined if there are none. */
export function namesOfOthers(methods: readonly AuthMethod[]): string | undefined {
  const names = methods.filter(({ plugin }) => plugin !== native).map(({ plugin }) => plugin)
  return names.length > 0 && methods.length > 1 ? names.join(' and ') : undefined
}

/**
 * Refuses an account that has let in by something else than a password which a rotation could change: each of them has two passwords at
 * most, of which this login has used one. The other is that of the version before, or of a rotation that was given up.
 */
export function requireOwnPassword(methods: readonly AuthMethod[], current: string): void {
  if (methods.length === 1) return
  const hash = nativeHash(current)
  if (isFirstWay(methods) && passwordsOf(methods).some(password => password.hash === hash)) return
  throw new RotationRefusal(
    'the account has several ways to log in, and its first password is not one that a rotation has set',
    hint,
  )
}

/** Whether an account has another password beside that of a login. */
export function hasOlderPassword(methods: readonly AuthMethod[]): boolean {
  return passwordsOf(methods).length > 1
}

/** The ways of an account with these passwords in the place of those that it has, for ALTER USER. */
export function identifiedBy(methods: readonly AuthMethod[], passwords: readonly string[]): string {
  const [first] = passwordsOf(methods)
  const texts = methods.flatMap(method => {
    if (method.plugin !== native) return [method.text]
    return method === first ? passwords.map(password => `${native} USING '${nativeHash(password)}'`) : []
  })
  return `IDENTIFIED VIA ${texts.join(' OR ')}`
}

/** Refuses an account of which no password, or one of many, could be meant by a change. */
export function requireSettable(methods: readonly AuthMethod[]): void {
  if (isFirstWay(methods)) return
  const names = methods.map(({ plugin }) => plugin).join(' or ')
  throw new RotationRefusal(`an account of the user logs in by ${names}, and not by a password that could be set`, hint)
}

/**
 * What gives an account of several ways another password and leaves the ways that are none as they are, for ALTER USER; undefined if
 * there is one way, for which SET PASSWORD is enough.
 */
export function identifiedAnew(methods: readonly AuthMethod[], password: string): string | undefined {
  requireSettable(methods)
  return methods.length === 1 ? undefined : identifiedBy(methods, [password])
}

/** Whether a password is what the server asks for first: SET PASSWORD changes the first way that has any. */
function isFirstWay(methods: readonly AuthMethod[]): boolean {
  const first = methods.find(({ plugin }) => plugin !== withoutPassword)
  return first?.plugin === native && passwordsOf(methods).length <= mostPasswords
}

function passwordsOf(methods: readonly AuthMethod[]): AuthMethod[] {
  return methods.filter(({ plugin }) => plugin === native)
}
