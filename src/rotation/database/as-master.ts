import { rotationError } from '../rotation-error.js'
import type { Login, Session } from './database.js'
import { accountOf, inSession, logIn, proveLogin } from './log-in.js'
import { type MasterSearch, readMasterLogin } from './master.js'

/** What the master is to do. */
export interface MasterWork {
  masterarn: string
  /** The users that it concerns. */
  users: readonly string[]
  /** What is said if it fails. */
  failure: string
  work(master: Session, proofs: MasterProofs): Promise<void>
}

/** What was proven where the master goes. */
interface MasterProofs {
  /** The account that the current user's login ends up at, in the server's own words. */
  account: string
  /** The account that another login of the secret's ends up at there; undefined if it does not work. */
  accountOf(login: Login): Promise<string | undefined>
}

/**
 * Works as the master of the database, on behalf of the user whose credentials are current.
 *
 * Who can change that user's secret but not log in by it must get nothing done by the master: the current credentials have to work. Where
 * the master goes, because at another port they might be somebody's who takes any.
 */
export async function workAsMaster({ masterarn, users, failure, work }: MasterWork, search: MasterSearch): Promise<void> {
  const { database, context, current } = search
  const { secretId } = context
  const login = await readMasterLogin(masterarn, search)
  for (const user of users) {
    if (user === login.username) throw isMaster(user, masterarn, secretId)
  }
  const { host, port, tls } = login
  const guarded = `Unable to log into database using current credentials for secret ${secretId}`
  const account = await proveLogin(database, { ...current, host, port, tls }, context, guarded)
  const refused = `Unable to log into database using credentials in master secret ${masterarn}`
  const { session: master } = await logIn(database, login, context, refused)
  const accountOfOther = (other: Login): Promise<string | undefined> =>
    accountOf(database, { ...other, host, port, tls }, context, guarded)
  await inSession(master, { secretId, failure }, session => work(session, { account, accountOf: accountOfOther }))
}

function isMaster(username: string, masterarn: string, secretId: string): Error {
  return rotationError({
    message: `The user ${username} is the master of secret ${masterarn}, which nobody else's rotation changes`,
    secretId,
    hint: "Rotate the master's secret by itself, single-user, and give the application a user of its own.",
  })
}
