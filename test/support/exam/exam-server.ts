import type { RotationHandlerOptions } from '../../../src/rotation/index.js'
import type { DatabaseFields } from '../rotating.js'

/** A database server that exams are taken on. */
export interface ExamServer {
  readonly name: string
  readonly ca: string
  /** Where a pool goes, without TLS, in the place of what the secret says. */
  readonly endpoint?: { host: string; port: number }
  readonly statements: Statements
  /** Makes a user who may use the table of the exam. */
  makeUser(): Promise<DatabaseFields>
  masterSecret(): DatabaseFields
  engine(): NonNullable<RotationHandlerOptions['engine']>
  /** A moment that the birth of sessions can be compared with. */
  mark(): Promise<number>
  /** The sessions of some users. */
  sessions(users: readonly string[]): Promise<Session[]>
  /** Ends sessions, and resolves when they are gone. */
  kill(ids: readonly number[]): Promise<void>
  /** How many logins of some users the server has refused so far. */
  refusedLogins(users: readonly string[]): number
  /** How many connections a user may have; as many as they like if that is not said. */
  limitConnections(user: string, most?: number): Promise<void>
  /** Whether a user can log in: the account may be locked. */
  letsIn(user: DatabaseFields): Promise<boolean>
  stop(): Promise<void>
}

/** What an administrator makes of a server. */
export interface ExamServerOptions {
  /** Whether the fourth failed login in a row locks an account. */
  locksAccounts?: boolean
  /** Whether a login that is refused takes a second and a half. */
  refusesSlowly?: boolean
}

export const refusalMs = 1_500

/** A connection as the server sees it. */
export interface Session {
  readonly id: number
  readonly user: string
  /** When it began, by `mark`. */
  readonly born: number
}

/** What the workers send. Each that answers something answers one row with an `answer`. */
export interface Statements {
  plain: string
  /** Adds one to its value. */
  prepared: string
  /** The id of the session that it runs in. */
  session: string
  insert: string
  count: string
}
