import { codeOf } from '../database/error-code.js'

/** The codes for a session that may not grant something, or not change an account. */
const denials = new Set([
  'ER_ACCESS_DENIED_ERROR',
  // Of MariaDB's roles, and of PROXY.
  'ER_ACCESS_DENIED_NO_PASSWORD_ERROR',
  'ER_DBACCESS_DENIED_ERROR',
  'ER_SPECIFIC_ACCESS_DENIED_ERROR',
  'ER_TABLEACCESS_DENIED_ERROR',
  'ER_COLUMNACCESS_DENIED_ERROR',
  'ER_PROCACCESS_DENIED_ERROR',
  'ER_ROLE_NOT_GRANTED',
  // The account whose restrictions would be taken over has more than the master. The misspelling is MySQL's.
  'ER_UKNOWN_AUTH_ID_OR_ACCESS_DENIED_FOR_GRANT_AS',
])

/** Whether a server has denied a statement, which is not transient. */
export function isDenial(error: unknown): boolean {
  return denials.has(codeOf(error))
}
