import type { RotationContext, WithCurrent, WithPending } from '../engine.js'
import { rotationError } from '../rotation-error.js'
import { workAsMaster } from './as-master.js'
import type { Database, DatabaseEngineOptions, Login, Proof } from './database.js'
import { missing, readDatabaseSecret, readIfUsable, type SecretReading } from './rotated-secret.js'
import { isSameHost, remedies, requireSameFields, requireSameHost } from './same-user.js'

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

/** As the master, creates or updates the pending user with the rights of the current one; false if that was already done. */
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
      hint: remedies.current,
    })
  }
  requireSameHost(pending.login, current.login, 'current', secretId)
  requireSameFields(pending, current, secretId)
  if (current.masterarn === undefined) throw missing('masterarn', secretId)

  let changes = true
  await workAsMaster(
    {
      masterarn: current.masterarn,
      users: [current.login.username, username],
      failure: `Unable to provide user ${username} like ${current.login.username}`,
      async work(master, { account, proofOf }) {
        const isDone = async (): Promise<boolean> => typeof (await proofOf(pending.login)) === 'object'
        // Only after the master has logged in: attempts that fail without it must not add up to a lock of the other user, which AWSPREVIOUS
        // opens.
        changes = !(await isDone())
        if (!changes) return
        await master.provideUser({
          username,
          password,
          like: current.login.username,
          likeAccount: account,
          isFirst: current.login.username.endsWith(cloneSuffix),
          proof: await proofBefore(pending.login, await context.previous(), { secretId, database }, proofOf),
          isDone,
          log: context.log,
        })
      },
    },
    { database, context, current: current.login, locateMaster },
  )
  return changes
}

/** What the previous version proves, if that is a login of the user. */
async function proofBefore(
  { username, host }: Login,
  previous: string | undefined,
  reading: SecretReading,
  proofOf: (login: Login) => Promise<Proof>,
): Promise<Proof> {
  const login = readIfUsable(previous, reading)?.login
  return login?.username === username && isSameHost(login.host, host) ? proofOf(login) : undefined
}
