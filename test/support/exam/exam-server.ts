import type { RotationHandlerOptions } from '../../../src/rotation/index.js'
import type { DatabaseFields } from '../rotating.js'

/** A database server that exams are taken on. */
export interface ExamServer {
  readonly name: string
  readonly ca: string
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
  stop(): Promise<void>
}

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
