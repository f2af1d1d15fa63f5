import { rotationError } from '../rotation-error.js'
import type { Login, Proof, Session } from './database.js'
import { inSession, logIn, proofOf, proveLogin } from './log-in.js'
import { type MasterSearch, readMasterLogin } from './master.js'

/** Work for the master. */
export interface MasterWork {
  masterarn: string
  /** The users that the work is about. */
  users: readonly string[]
  /** The message if it fails. */
  failure: string
  work(master: Session, proofs: MasterProofs): Promise<void>
}

/** What was proven at the address where the master logs in. */
interface MasterProofs {
  /** The account that the current user's login ends up at, as the server names it. */
  account: string
  /** What another login of the secret proves there. */
  proofOf(login: Login): Promise<Proof>
}

/**
 * Works as the master of the database, on behalf of the user whose credentials are current.
 *
 * The current credentials must work: otherwise anyone who can change that user's secret, but not log in with it, could use the master's
 * rights. They must work at the address where the master logs in, because a server at another port might be somebody else's and accept any
 * credentials.
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
  const proofOfOther = (other: Login): Promise<Proof> => proofOf(database, { ...other, host, port, tls }, context, guarded)
  await inSession(master, { secretId, failure }, session => work(session, { account, proofOf: proofOfOther }))
}

function isMaster(username: string, masterarn: string, secretId: string): Error {
  return rotationError({
    message: `The user ${username} is the master of secret ${masterarn}, which no other rotation may change`,
    secretId,
    hint: "Rotate the master's secret on its own, with single-user, and give the application a user of its own.",
  })
}
