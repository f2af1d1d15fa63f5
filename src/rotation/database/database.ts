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
}

/** A login that has succeeded. */
export interface Session {
  /** Proves that the session works; resolves with its account in the server's own words. */
  account(): Promise<string>
  changeOwnPassword(username: string, password: string): Promise<void>
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
}

/** What `postgres()` and `mysql()` have in common. */
export interface DatabaseEngineOptions {
  /**
   * The certificates to trust, as PEM text, in place of Node's own. RDS has its own authority: pass the text of its
   * `global-bundle.pem`.
   */
  ca?: string | readonly string[]
  /** How long one attempt to log in may take. @default 5_000 */
  connectTimeoutMs?: number
  /**
   * Where the database of a master secret is that RDS manages: such a secret has only `username` and `password`. Called with the ARN
   * of the instance or cluster from the secret's tags.
   *
   * @example
   * locateMaster: async arn => {
   *   const { DBInstances: [db] } = await rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: arn }))
   *   return { host: db.Endpoint.Address, port: db.Endpoint.Port }
   * }
   */
  locateMaster?: (arn: string) => MasterAddress | Promise<MasterAddress>
}

/** Where a database answers. */
export interface MasterAddress {
  host: string
  port?: number | undefined
}

const optionNames = ['ca', 'connectTimeoutMs', 'locateMaster']

/** Checks the options once. A mistake is a TypeError that names the option. */
export function checkDatabaseOptions(engine: string, driver: string, options: DatabaseEngineOptions): void {
  for (const name of Object.keys(options)) {
    if (name === driver || optionNames.includes(name)) continue
    throw new TypeError(`${engine} has no option "${name}". There are: ${[driver, ...optionNames].join(', ')}.`)
  }
  const { ca, connectTimeoutMs, locateMaster } = options
  const isPem = (text: unknown): boolean => typeof text === 'string' && text.includes('-----BEGIN CERTIFICATE-----')
  if (ca !== undefined && !(Array.isArray(ca) ? ca.length > 0 && ca.every(isPem) : isPem(ca))) {
    throw new TypeError('ca must be certificates as PEM text, not the path of a file.')
  }
  if (connectTimeoutMs !== undefined && !(Number.isFinite(connectTimeoutMs) && connectTimeoutMs > 0)) {
    throw new TypeError('connectTimeoutMs must be a number of milliseconds above 0.')
  }
  if (locateMaster !== undefined && typeof locateMaster !== 'function') throw new TypeError('locateMaster must be a function.')
}
