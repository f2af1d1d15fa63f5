import { aFunction, anything, checkOptions, type OptionRule, type OptionRules } from '../../core/options/check-options.js'
import type { ErrorKind } from '../../pools/error-kind.js'
import type { RotationContext } from '../engine.js'

/** Where and as whom to log in. */
export interface Login {
  host: string
  port: number
  username: string
  password: string
  dbname: string | undefined
  /** False only if the secret says `"ssl": false`. */
  tls: boolean
}

/** A user that is to be there with a password, and with all that another one may do. */
export interface ProvidedUser {
  username: string
  password: string
  /** The user that works now. */
  like: string
  /** Its account, as `Session.account` told it. */
  likeAccount: string
  /**
   * Whether the user is the first of the pair, whom the second works like: nothing but its password changes then, since what it has and how
   * it is limited is up to its administrator.
   */
  isFirst: boolean
  /**
   * The account that the login of AWSPREVIOUS ends up at, if it is one of the user and works: then it has been the other of this pair. Else,
   * if there is such a user, it may be somebody else's whose name only looks like it, and must not be given to who has the secret.
   */
  provenAccount: string | undefined
  /** Whether the user can log in with the password by now: the same step may run twice at once, and the other one be done. */
  isDone(): Promise<boolean>
  log: RotationContext['log']
}

/** Works as the master, on the account that the user's login ends up at where the master goes. */
export type AsMaster = (work: (master: Session, account: string) => Promise<void>) => Promise<void>

/** What a session needs to know to change its own password. */
export interface OwnPasswordChange {
  /** What this login was made with. */
  current: string
  log: RotationContext['log']
  /** For what a user may not do to itself; undefined if the secret names no master. */
  asMaster: AsMaster | undefined
  /** Whether a version's password opens the account that is neither the one of this login nor the new one. */
  opensByOlder(): Promise<boolean>
}

/** A login that has succeeded. */
export interface Session {
  /** Proves that the session works; resolves with its account in the server's own words. */
  account(): Promise<string>
  changeOwnPassword(username: string, password: string, change: OwnPasswordChange): Promise<void>
  /** Completes a change of the own password that may have been cut off; this login was made with the new one. */
  completeOwnChange?(password: string, change: OwnPasswordChange): Promise<void>
  /** Gives an account these passwords, each of which opens it: a new one, and perhaps one that it has. */
  identify?(account: string, passwords: readonly [password: string, ...older: string[]]): Promise<void>
  /** Ends the password that an account keeps beside its first one, once that was changed. Nothing is changed if it may not. */
  endOldPassword?(account: string, change: () => Promise<void>): Promise<void>
  /** Makes or completes a user. Its password comes last: whoever can log in by it finds everything done. */
  provideUser(user: ProvidedUser): Promise<void>
  close(): Promise<void>
}

/** A kind of database, as the strategies see it. What its functions throw is the driver's own. */
export interface Database {
  /** What the secret's `engine` may be, the usual name first. */
  readonly engines: readonly string[]
  readonly defaultPort: number
  /** How many bytes a user's name may have. */
  readonly longestUsername: number
  connect(login: Login): Promise<Session>
  /** What an error of the driver means for a login. */
  kindOf(error: unknown): ErrorKind
}

/** What `postgres()` and `mysql()` have in common. */
export interface DatabaseEngineOptions {
  /**
   * The certificates to trust, as PEM text, in place of Node's own. RDS has its own authority: pass the text of its
   * `global-bundle.pem`.
   */
  ca?: string | readonly string[] | undefined
  /** How long one attempt to log in may take. @default 5_000 */
  connectTimeoutMs?: number | undefined
  /**
   * Where the database of a master secret is that RDS manages: such a secret has only `username` and `password`. Called with the ARN
   * of the instance or cluster from the secret's tags: `DescribeDBInstances` or `DescribeDBClusters` of RDS tells its endpoint.
   *
   * @example
   * import pg from 'pg'
   * const engine = postgres({ pg, locateMaster: () => ({ host: 'db.cluster-1.eu-west-1.rds.amazonaws.com', port: 5432 }) })
   */
  locateMaster?: ((arn: string) => MasterAddress | Promise<MasterAddress>) | undefined
}

/** Where a database answers. */
export interface MasterAddress {
  /** The host that the master logs in to. It must be that of the secret that is rotated. */
  host: string
  /** @default the usual port of the database */
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
