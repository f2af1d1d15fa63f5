import { RotationRefusal } from '../rotation-error.js'
import { nativeHash } from './dialect.js'
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

const hint = `MariaDB accounts are rotated by ${native}: have an administrator give the account one password by it, and put no other way before that but ${withoutPassword}.`

/** Reads what SHOW CREATE USER says. One password by mysql_native_password is told in a form of its own. */
export function authMethods(createUser: string): AuthMethod[] {
  const sign = ' IDENTIFIED VIA '
  const start = withoutQuoted(createUser).indexOf(sign)
  if (start === -1) return [{ plugin: native, hash: '', text: native }]
  const methods: AuthMethod[] = []
  const method = /(\w+)(?: (?:USING|AS) '((?:[^']|'')*)')?( OR )?/y
  method.lastIndex = start + sign.length
  for (let found = method.exec(createUser); found !== null; found = found[3] === undefined ? null : method.exec(createUser)) {
    const [text, plugin = '', hash = '', or = ''] = found
    methods.push({ plugin, hash, text: text.slice(0, text.length - or.length) })
  }
  return methods
}

/** Says of all ways but the password that they are there; undefined if there are none. */
export function namesOfOthers(methods: readonly AuthMethod[]): string | undefined {
  const names = methods.filter(({ plugin }) => plugin !== native).map(({ plugin }) => plugin)
  return names.length > 0 && methods.length > 1 ? names.join(' and ') : undefined
}

/**
 * Refuses an account of whose ways to log in SET PASSWORD would change another one than the password of this login: it changes the first
 * that is a password at all.
 */
export function requireOwnIsFirst(methods: readonly AuthMethod[], current: string): void {
  if (methods.length === 1) return
  const hash = nativeHash(current)
  const [first, ...others] = methods.filter(({ plugin }) => plugin !== withoutPassword)
  if (first?.plugin === native && first.hash === hash && !others.some(other => other.hash === hash)) return
  throw new RotationRefusal(
    'the account has several ways to log in, of which SET PASSWORD would not change the one that this login has used, or not it alone',
    hint,
  )
}

/**
 * What gives an account of several ways another password and leaves the others as they are, for ALTER USER; undefined if there is one
 * way, for which SET PASSWORD is enough. An account of which no password, or more than one, could be meant is refused.
 */
export function identifiedAnew(methods: readonly AuthMethod[], password: string): string | undefined {
  const [first, ...others] = methods.filter(({ plugin }) => plugin !== withoutPassword)
  if (first?.plugin !== native || others.some(({ plugin }) => plugin === native)) {
    const names = methods.map(({ plugin }) => plugin).join(' or ')
    throw new RotationRefusal(`an account of the user logs in by ${names}, and not by one password alone that could be set`, hint)
  }
  if (methods.length === 1) return undefined
  const changed = methods.map(method => (method === first ? `${native} USING '${nativeHash(password)}'` : method.text))
  return `IDENTIFIED VIA ${changed.join(' OR ')}`
}
