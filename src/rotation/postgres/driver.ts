/** The driver `pg`, as far as it is called. */
export interface PgDriver {
  Client: new (config: PgClientConfig) => PgClient
}

/** What a `pg.Client` is made with. */
export interface PgClientConfig {
  host: string
  port: number
  user: string
  password: string
  database: string
  connectionTimeoutMillis: number
  application_name: string
  /** Settings of the session, as the server's command line would have them. */
  options?: string
  ssl: false | { rejectUnauthorized: true; ca?: string[] }
}

/** A `pg.Client`, as far as it is called. */
export interface PgClient {
  connect(): Promise<unknown>
  query(text: string, values?: string[]): Promise<{ rows: unknown[] }>
  end(): Promise<void>
  on(event: 'error', listener: (error: Error) => void): unknown
}
