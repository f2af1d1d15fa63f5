import { literal } from './dialect.js'

/** Runs a statement whose answer nobody reads. */
export type Run = (sql: string) => Promise<unknown>

/** A change of the password of the account that is logged in. */
export interface OwnChange {
  password: string
  /** What this login was made with. */
  current: string
}

/** Why the server kept no old password beside the new one. */
export type Lost = string | undefined

/**
 * Sets a new password and keeps the current one beside it, as MySQL 8.0.14 and newer can. Returns why it could not keep it.
 *
 * An account has two passwords at most, and RETAIN keeps the first one, whichever that is: repeated, it would end the current one. REPLACE
 * guards against that, for it accepts nothing but the first password.
 */
export async function setBesideCurrent(run: Run, change: OwnChange): Promise<Lost> {
  try {
    await replace(run, change, 'RETAIN CURRENT PASSWORD')
    return undefined
  } catch (error) {
    if (!hasCode(error, 'ER_SPECIFIC_ACCESS_DENIED_ERROR')) throw error
  }
  await replace(run, change)
  return 'the user lacks the privilege APPLICATION_PASSWORD_ADMIN'
}

/** Sets a new password and ends every older one. */
export async function setInPlace(run: Run, change: OwnChange): Promise<undefined> {
  await replace(run, change)
  await endOldPassword(run)
}

/** Ends the password that is kept beside the first one. Who lacks the privilege for it could not have kept one either. */
export async function endOldPassword(run: Run): Promise<void> {
  try {
    await run('ALTER USER USER() DISCARD OLD PASSWORD')
  } catch (error) {
    if (!hasCode(error, 'ER_SPECIFIC_ACCESS_DENIED_ERROR')) throw error
  }
}

async function replace(run: Run, { password, current }: OwnChange, retain = ''): Promise<void> {
  try {
    await run(`SET PASSWORD = ${literal(password)} REPLACE ${literal(current)} ${retain}`.trimEnd())
  } catch (error) {
    if (!hasCode(error, 'ER_INCORRECT_CURRENT_PASSWORD')) throw error
    // It has let us in, so it is the second one, and the first is that of a rotation that was given up. Only the first one is replaced.
    await run(`SET PASSWORD = ${literal(password)}`)
  }
}

/** Whether a driver's error has a code. */
export function hasCode(error: unknown, code: string): boolean {
  return (error as { code?: unknown } | null)?.code === code
}
