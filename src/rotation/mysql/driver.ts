import type { Duplex } from 'node:stream'

/** The driver `mysql2/promise`, as far as it is called. */
export interface MysqlDriver {
  /** Connects and logs in. */
  createConnection(config: MysqlConnectionConfig): Promise<MysqlConnection>
}

/** What a connection of mysql2 is made with. */
export interface MysqlConnectionConfig {
  /** Where the server answers. */
  host: string
  /** The port of the server. */
  port: number
  /** The user to log in as. */
  user: string
  /** The password of the user. */
  password: string
  /** The database to use, if the secret names one. */
  database?: string
  /** How long connecting may take, in milliseconds. */
  connectTimeout: number
  /** Opens the connection in the driver's place. */
  stream?: () => Duplex
  /** TLS, with the certificate and the name in it checked. Without it the connection is not encrypted. */
  ssl?: { rejectUnauthorized: true; verifyIdentity: true; ca?: string[] }
}

/** A connection of mysql2, as far as it is called. */
export interface MysqlConnection {
  /** Runs one statement; resolves with its rows, and their fields. */
  query(sql: string): Promise<[unknown, unknown]>
  /** Says goodbye to the server and closes the connection. */
  end(): Promise<void>
  /** Adds a listener: a connection that breaks must not end the process. */
  on(event: 'error', listener: (error: Error) => void): unknown
}
