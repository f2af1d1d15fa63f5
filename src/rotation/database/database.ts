import { aFunction, anything, checkOptions, type OptionRule, type OptionRules } from '../../core/options/check-options.js'
import type { ErrorKind } from '../../pools/error-kind.js'
import type { RotationContext } from '../engine.js'

/** The address and the credentials of a login. */
export interface Login {
  host: string
  port: number
  username: string
  password: string
  dbname: string | undefined
  /** False only if the secret says `"ssl": false`. */
  tls: boolean
}

/** A user that must exist, with a password and with everything that another user may do. */
export interface ProvidedUser {
  username: string
  password: string
  /** The user that works now. */
  like: string
  /** Its account, as returned by `Session.account`. */
  likeAccount: string
  /**
   * Whether the user is the first of the pair, as which the second works. Then only its password changes, since its rights and limits are
   * up to its administrator.
   */
  isFirst: boolean
  /**
   * Whether AWSPREVIOUS opens it, if that is a login of this user: then it has been the other user of this pair. Otherwise an existing user
   * may be somebody else's with a similar name, and must not be given to those who can read the secret.
   */
  proof: Proof
  /** Whether the user can already log in with the password: the same step may run twice at once, and the other one may have finished. */
  isDone(): Promise<boolean>
  log: RotationContext['log']
}

/**
 * What the login of a version has proven: the account that it ends up at, as the server names it; that its password is right, though it has
 * expired; or nothing.
 */
export type Proof = { account: string } | 'expired' | undefined

/** Works as the master, on the account that the user's login ends up at where the master logs in. */
export type AsMaster = (work: (master: Session, account: string) => Promise<void>) => Promise<void>

/** What a session needs to change its own password. */
export interface OwnPasswordChange {
  username: string
  /** The password of this login. */
  current: string
  log: RotationContext['log']
  /** For what a user may not do to itself; undefined if the secret names no master. */
  asMaster: AsMaster | undefined
  /** Whether the account also opens with a version's password that is neither the one of this login nor the new one. */
  opensByOlder(): Promise<boolean>
}

/** A login that has succeeded. */
export interface Session {
  /** Proves that the session works; resolves with its account, as the server names it. */
  account(): Promise<string>
  changeOwnPassword(password: string, change: OwnPasswordChange): Promise<void>
  /** Completes a change of the own password that may have been interrupted; this login was made with the new password. */
  completeOwnChange?(password: string, change: OwnPasswordChange): Promise<void>
  /** Sets the passwords of an account, each of which then opens it: a new one, and possibly one that it already has. */
  identify?(account: string, passwords: readonly [password: string, ...older: string[]]): Promise<void>
  /** Ends the second password of an account once the first was changed. Nothing is changed if the session may not do that. */
  endOldPassword?(account: string, change: () => Promise<void>): Promise<void>
  /** Creates or completes a user. The password is set last: when a login with it works, everything is done. */
  provideUser(user: ProvidedUser): Promise<void>
  close(): Promise<void>
}

/** A kind of database, as the strategies use it. Its functions throw the driver's own errors. */
export interface Database {
  /** The allowed values of the secret's `engine`, the usual name first. */
  readonly engines: readonly string[]
  readonly defaultPort: number
  /** The maximum length of a user name in bytes. */
  readonly longestUsername: number
  connect(login: Login): Promise<Session>
  /** What an error of the driver means for a login. */
  kindOf(error: unknown): ErrorKind
  /** Whether the server has rejected a login only because the password, which is right, has expired. */
  hasExpired?(error: unknown): boolean
}

/** The options that `postgres()` and `mysql()` share. */
export interface DatabaseEngineOptions {
  /**
   * The certificate authorities to trust, as PEM text, instead of Node's own. RDS has its own authority: pass the text of its
   * `global-bundle.pem`.
   * @default the authorities that Node trusts
   */
  ca?: string | readonly string[] | undefined
  /** How long one login may take, in milliseconds. @default 5_000 */
  connectTimeoutMs?: number | undefined
  /**
   * Returns the address of the database for a master secret that RDS manages, which has only `username` and `password`. Called with the ARN
   * of the instance or cluster from the secret's tags; `DescribeDBInstances` or `DescribeDBClusters` of RDS return its endpoint.
   * @default such a master secret fails the step
   *
   * @example
   * import pg from 'pg'
   * const engine = postgres({ pg, locateMaster: () => ({ host: 'db.cluster-1.eu-west-1.rds.amazonaws.com', port: 5432 }) })
   */
  locateMaster?: ((arn: string) => MasterAddress | Promise<MasterAddress>) | undefined
}

/** The address of a database. */
export interface MasterAddress {
  /** The host that the master logs in to. It must be the host of the secret that is rotated. */
  host: string
  /** The port of the database. @default the usual port of the database */
  port?: number | undefined
}

const isPem = (text: unknown): boolean => typeof text === 'string' && text.includes('-----BEGIN CERTIFICATE-----')

const rules: Readonly<Record<keyof DatabaseEngineOptions, OptionRule>> = {
  ca: value =>
    (Array.isArray(value) ? value.length > 0 && value.every(isPem) : isPem(value))
      ? undefined
      : 'certificates as PEM text, not the path of a file',
  connectTimeoutMs: value =>
    (value as number) > 0 && (value as number) < 2 ** 31 ? undefined : 'a number of milliseconds above 0 and below 2 ** 31',
  locateMaster: aFunction,
}

/** Checks the options once. A mistake is a TypeError that names the option. */
export function checkDatabaseOptions(
  engine: string,
  driver: string,
  options: DatabaseEngineOptions,
  ownRules: OptionRules = {},
): void {
  checkOptions(engine, options, { [driver]: anything, ...rules, ...ownRules })
}
