import { isSecretCacheError } from '../../core/failures/errors.js'
import type { RotationContext } from '../engine.js'
import type { Database, Login, Session } from './database.js'
import { databaseError, isRefused } from './driver-error.js'

/** A login that was tried. */
export type Attempt = { session: Session } | { refusal: unknown }

/** Tries to log in. Anything but a refusal ends the step: what is out of reach for one user is so for the others. */
export async function tryLogin(
  database: Database,
  login: Login,
  context: Pick<RotationContext, 'secretId' | 'log'>,
  failure: string,
): Promise<Attempt> {
  if (!login.tls) context.log('plaintext')
  try {
    return { session: await database.connect(login) }
  } catch (error) {
    if (isRefused(error)) return { refusal: error }
    throw databaseError(failure, context.secretId, error)
  }
}

/** Logs in, or rejects with the failure. */
export async function logIn(
  database: Database,
  login: Login,
  context: Pick<RotationContext, 'secretId' | 'log'>,
  failure: string,
): Promise<Session> {
  const attempt = await tryLogin(database, login, context, failure)
  if ('session' in attempt) return attempt.session
  throw databaseError(failure, context.secretId, attempt.refusal)
}

/** Works in a session and closes it, whatever comes of it. */
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
    // The work is done, or has failed: how the connection ends changes neither.
    await session.close().catch(() => {})
  }
}

/** Whether a login works. */
export async function canLogIn(
  database: Database,
  login: Login,
  context: Pick<RotationContext, 'secretId' | 'log'>,
  failure: string,
): Promise<boolean> {
  const attempt = await tryLogin(database, login, context, failure)
  if ('refusal' in attempt) return false
  await inSession(attempt.session, { secretId: context.secretId, failure }, session => session.account())
  return true
}
