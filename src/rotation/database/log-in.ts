import { isSecretCacheError } from '../../core/failures/errors.js'
import type { RotationContext } from '../engine.js'
import type { Database, Login, Proof, Session } from './database.js'
import { databaseError, isRefused } from './driver-error.js'

/** A login that has succeeded, with the account that it ended up at, as the server names it. */
export interface Opened {
  session: Session
  account: string
}

/** The outcome of a login. */
export type Attempt = Opened | { refusal: unknown }

/** Tries to log in. Anything but a rejection ends the step: a server that is unreachable for one user is so for the others. */
export async function tryLogin(
  database: Database,
  login: Login,
  context: Pick<RotationContext, 'secretId' | 'log'>,
  failure: string,
): Promise<Attempt> {
  if (!login.tls) context.log('plaintext')
  let session: Session | undefined
  try {
    session = await database.connect(login)
    // A pooler may accept any client, and pass on the server's rejection with the first query.
    return { session, account: await session.account() }
  } catch (error) {
    if (session !== undefined) await close(session)
    if (isRefused(database, error)) return { refusal: error }
    throw databaseError(failure, context.secretId, error)
  }
}

/** Logs in, or rejects with the failure. */
export async function logIn(
  database: Database,
  login: Login,
  context: Pick<RotationContext, 'secretId' | 'log'>,
  failure: string,
): Promise<Opened> {
  const attempt = await tryLogin(database, login, context, failure)
  if ('session' in attempt) return attempt
  throw databaseError(failure, context.secretId, attempt.refusal)
}

/** Logs in and out, or rejects with the failure; resolves with the account. */
export async function proveLogin(...login: Parameters<typeof logIn>): Promise<string> {
  const { session, account } = await logIn(...login)
  await close(session)
  return account
}

/** Works in a session and closes it, whatever the outcome. */
export async function inSession<T>(
  session: Session,
  { secretId, failure }: { secretId: string; failure: string },
  work: (session: Session) => Promise<T>,
): Promise<T> {
  try {
    return await work(session)
  } catch (error) {
    throw isSecretCacheError(error) ? error : databaseError(failure, secretId, error)
  } finally {
    await close(session)
  }
}

/** The work is done or has failed: how the connection ends changes neither. */
async function close(session: Session): Promise<void> {
  await session.close().catch(() => {})
}

/** Whether a login works. */
export async function canLogIn(...login: Parameters<typeof tryLogin>): Promise<boolean> {
  return typeof (await proofOf(...login)) === 'object'
}

/** What a login proves. */
export async function proofOf(...login: Parameters<typeof tryLogin>): Promise<Proof> {
  const [database] = login
  const attempt = await tryLogin(...login)
  if ('refusal' in attempt) return database.hasExpired?.(attempt.refusal) ? 'expired' : undefined
  await close(attempt.session)
  return { account: attempt.account }
}
