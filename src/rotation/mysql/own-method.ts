import type { RotationContext } from '../engine.js'
import { type AuthMethod, authMethods, namesOfOthers, requireOwnIsFirst } from './auth-methods.js'
import type { Rows } from './current-account.js'
import { literal, nativeHash } from './dialect.js'
import { hasCode, type OwnChange, type Run } from './dual-passwords.js'

/** Sets the password of the MariaDB account that is logged in, and leaves its other ways to log in as they are. */
export async function setOwnMethod(
  { rows, run }: { rows: Rows; run: Run },
  { password, current, log }: OwnChange & Pick<RotationContext, 'log'>,
): Promise<void> {
  const methods = await methodsOf(rows)
  requireOwnIsFirst(methods, current)
  const hash = nativeHash(password)
  try {
    await run(`SET PASSWORD = ${literal(hash)}`)
  } catch (error) {
    // So says MariaDB 10.11 of a unix_socket before the password, which it has changed all the same.
    if (!hasCode(error, 'ER_SET_PASSWORD_AUTH_PLUGIN') || !(await methodsOf(rows)).some(method => method.hash === hash))
      throw error
  }
  const others = namesOfOthers(methods)
  if (others !== undefined) log('not-rotated', `the account has other ways to log in, which stay as they are: ${others}`)
}

/** The ways to log in to an account; to the one that is logged in, if none is named. */
export async function methodsOf(rows: Rows, account = ''): Promise<AuthMethod[]> {
  const [row] = await rows<Record<string, string>>(`SHOW CREATE USER ${account}`.trimEnd())
  return authMethods(Object.values(row ?? {})[0] ?? '')
}
