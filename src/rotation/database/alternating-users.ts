import type { RotationContext, WithCurrent, WithPending } from '../engine.js'
import { rotationError } from '../rotation-error.js'
import type { Database, DatabaseEngineOptions } from './database.js'
import { canLogIn, inSession, logIn, proveLogin } from './log-in.js'
import { readMasterLogin } from './master.js'
import { missing, readDatabaseSecret } from './rotated-secret.js'
import { requireSameHost } from './same-user.js'

const cloneSuffix = '_clone'

/** The other user of a pair: `app_clone` of `app`, and `app` of `app_clone`. */
export function alternateOf(
  username: string,
  { secretId, database }: { secretId: string; database: Pick<Database, 'longestUsername'> },
): string {
  if (username.endsWith(cloneSuffix)) return username.slice(0, -cloneSuffix.length)
  const alternate = username + cloneSuffix
  if (Buffer.byteLength(alternate) <= database.longestUsername) return alternate
  throw rotationError({
    message: `Unable to clone user, username length with _clone appended would exceed ${database.longestUsername} characters`,
    secretId,
  })
}

/** Makes the pending user, with what the current one may do, logged in as the master; false if that was done already. */
export async function setAlternatingUsers(
  database: Database,
  context: RotationContext & WithCurrent & WithPending,
  { locateMaster }: Pick<DatabaseEngineOptions, 'locateMaster'>,
): Promise<boolean> {
  const { secretId } = context
  const current = readDatabaseSecret(context.current, { secretId, database })
  const pending = readDatabaseSecret(context.pending, { secretId, database })
  const { username, password } = pending.login
  if (alternateOf(current.login.username, { secretId, database }) !== username) {
    throw rotationError({
      message: `Attempting to modify user ${username} other than current user or clone ${current.login.username}`,
      secretId,
    })
  }
  requireSameHost(pending.login, current.login, 'current', secretId)
  if (current.masterarn === undefined) throw missing('masterarn', secretId)

  const failure = `Unable to log into database with pending secret of secret ARN ${secretId}`
  if (await canLogIn(database, pending.login, context, failure)) return false

  const { masterarn } = current
  const login = await readMasterLogin(masterarn, { database, context, current: current.login, locateMaster })
  for (const user of [current.login.username, username]) {
    if (user === login.username) throw isMaster(user, masterarn, secretId)
  }

  // Who can change this secret but not log in must not get a user made by the master: the current credentials have to work. Where
  // the master goes, because at another port they might be somebody's who takes any.
  const guarded = `Unable to log into database using current credentials for secret ${secretId}`
  const { host, port, tls } = login
  const likeAccount = await proveLogin(database, { ...current.login, host, port, tls }, context, guarded)

  const { session: master } = await logIn(
    database,
    login,
    context,
    `Unable to log into database using credentials in master secret ${masterarn}`,
  )
  await inSession(master, { secretId, failure: `Unable to provide user ${username} like ${current.login.username}` }, session =>
    session.provideUser({
      username,
      password,
      like: current.login.username,
      likeAccount,
      dbname: current.login.dbname,
      log: context.log,
    }),
  )
  return true
}

function isMaster(username: string, masterarn: string, secretId: string): Error {
  return rotationError({
    message: `The user ${username} is the master of secret ${masterarn}, which nobody else's rotation changes`,
    secretId,
    hint: "Rotate the master's secret by itself, single-user, and give the application a user of its own.",
  })
}
