/** The driver `pg`, as far as it is called. */
export interface PgDriver {
  /** The class of connections. */
  Client: new (
    config: PgClientConfig,
  ) => PgClient
}

/** What a `pg.Client` is made with. */
export interface PgClientConfig {
  /** Where the server answers. */
  host: string
  /** The port of the server. */
  port: number
  /** The user to log in as. */
  user: string
  /** The password of the user. */
  password: string
  /** The database to use. */
  database: string
  /** How long connecting may take, in milliseconds. */
  connectionTimeoutMillis: number
  /** What the server lists the session as. */
  application_name: string
  /** Settings of the session, as the server's command line would have them. */
  options?: string
  /** TLS, with the certificate and the name in it checked; false for a connection that is not encrypted. */
  ssl: false | { rejectUnauthorized: true; ca?: string[] }
}

/** A `pg.Client`, as far as it is called. */
export interface PgClient {
  /** Connects and logs in. */
  connect(): Promise<unknown>
  /** Runs statements; resolves with the rows. */
  query(text: string, values?: string[]): Promise<{ rows: unknown[] }>
  /** Says goodbye to the server and closes the connection. */
  end(): Promise<void>
  /** Adds a listener: a connection that breaks must not end the process. */
  on(event: 'error', listener: (error: Error) => void): unknown
}
