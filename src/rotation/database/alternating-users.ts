import type { RotationContext, WithCurrent, WithPending } from '../engine.js'
import { rotationError } from '../rotation-error.js'
import { workAsMaster } from './as-master.js'
import type { Database, DatabaseEngineOptions, Login } from './database.js'
import { canLogIn } from './log-in.js'
import { missing, readDatabaseSecret, readIfUsable, type SecretReading } from './rotated-secret.js'
import { isSameHost, requireSameHost } from './same-user.js'

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

  await workAsMaster(
    {
      masterarn: current.masterarn,
      users: [current.login.username, username],
      failure: `Unable to provide user ${username} like ${current.login.username}`,
      work: async (master, { account, opens }) =>
        master.provideUser({
          username,
          password,
          like: current.login.username,
          likeAccount: account,
          isFirst: current.login.username.endsWith(cloneSuffix),
          isProven: await wasOfThePair(pending.login, await context.previous(), { secretId, database }, opens),
          isDone: () => opens(pending.login),
          dbname: current.login.dbname,
          log: context.log,
        }),
    },
    { database, context, current: current.login, locateMaster },
  )
  return true
}

/** Whether the version before is a login of the user, and opens the database still. */
async function wasOfThePair(
  { username, host }: Login,
  previous: string | undefined,
  reading: SecretReading,
  opens: (login: Login) => Promise<boolean>,
): Promise<boolean> {
  const read = readIfUsable(previous, reading)
  return read?.login.username === username && isSameHost(read.login.host, host) && opens(read.login)
}
