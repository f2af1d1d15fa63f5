import type { RotationContext, WithCurrent, WithPending } from '../engine.js'
import { workAsMaster } from './as-master.js'
import type { Database, DatabaseEngineOptions, OwnPasswordChange, Session } from './database.js'
import { databaseError } from './driver-error.js'
import { canLogIn, inSession, tryLogin } from './log-in.js'
import { type RotatedSecret, readDatabaseSecret, readIfUsable } from './rotated-secret.js'
import { isSameAddress, requireSameAddress, requireSameAddressBefore, requireSameFields } from './same-user.js'

/** As the user itself, sets the pending password; false if it is already set. */
export async function setSingleUser(
  database: Database,
  context: RotationContext & WithCurrent & WithPending,
  { locateMaster }: Pick<DatabaseEngineOptions, 'locateMaster'>,
): Promise<boolean> {
  const { secretId } = context
  const current = readDatabaseSecret(context.current, { secretId, database })
  const pending = readDatabaseSecret(context.pending, { secretId, database })
  requireSameAddress(pending.login, current.login, secretId)

  const failure = `Unable to log into database with previous, current, or pending secret of secret arn ${secretId}`
  const { username, password } = pending.login
  const unset = `Unable to set the password of user ${username}`

  const changeBy = (own: string): OwnPasswordChange => ({
    username,
    current: own,
    log: context.log,
    asMaster:
      current.masterarn === undefined
        ? undefined
        : work =>
            workAsMaster(
              {
                masterarn: current.masterarn ?? '',
                users: [username],
                failure: unset,
                work: (master, { account }) => work(master, account),
              },
              { database, context, current: { ...current.login, password: own }, locateMaster },
            ),
    async opensByOlder() {
      const previous = readIfUsable(await context.previous(), { secretId, database })
      const isOfUser = previous?.login.username === username && isSameAddress(current.login, previous.login)
      for (const { login } of isOfUser ? [current, previous] : [current]) {
        const older = { ...current.login, password: login.password }
        if (![own, password].includes(older.password) && (await canLogIn(database, older, context, failure))) return true
      }
      return false
    },
  })

  const asPending = await tryLogin(database, pending.login, context, failure)
  if ('session' in asPending) {
    await inSession(asPending.session, { secretId, failure }, async open =>
      open.completeOwnChange?.(password, changeBy(password)),
    )
    return false
  }
  requireSameFields(pending, current, secretId)
  const asCurrent = await tryLogin(database, current.login, context, failure)
  const opened =
    'session' in asCurrent
      ? { session: asCurrent.session, password: current.login.password }
      : await logInAsPrevious(database, context, current, failure)
  if (opened === undefined) throw databaseError(failure, secretId, 'refusal' in asCurrent ? asCurrent.refusal : undefined)

  await inSession(opened.session, { secretId, failure: unset }, open =>
    open.changeOwnPassword(password, changeBy(opened.password)),
  )
  return true
}

/** A rotation that was interrupted by hand may have left the database at the version before the current one. */
async function logInAsPrevious(
  database: Database,
  context: RotationContext,
  current: RotatedSecret,
  failure: string,
): Promise<{ session: Session; password: string } | undefined> {
  const { secretId } = context
  const previous = readIfUsable(await context.previous(), { secretId, database })
  if (previous === undefined) return undefined
  requireSameAddressBefore(current.login, previous.login, secretId)
  // TLS as in the current version: the previous one may be from before it was switched on.
  const attempt = await tryLogin(database, { ...previous.login, tls: current.login.tls }, context, failure)
  return 'session' in attempt ? { session: attempt.session, password: previous.login.password } : undefined
}
