/** The driver `pg`: the part of it that is used. */
export interface PgDriver {
  /** The class of connections. */
  Client: new (
    config: PgClientConfig,
  ) => PgClient
}

/** The options of a `pg.Client`. */
export interface PgClientConfig {
  /** The host of the server. */
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
  /** The name under which the server lists the session. */
  application_name: string
  /** Settings of the session, in the form of the server's command line. */
  options?: string
  /** TLS, with the certificate and the name in it checked; false for a connection that is not encrypted. */
  ssl: false | { rejectUnauthorized: true; ca?: string[] }
}

/** A `pg.Client`: the methods that are used. */
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
