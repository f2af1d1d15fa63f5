import type { Duplex } from 'node:stream'

/** The driver `mysql2/promise`: the part of it that is used. */
export interface MysqlDriver {
  /** Connects and logs in. */
  createConnection(config: MysqlConnectionConfig): Promise<MysqlConnection>
}

/** The options of a mysql2 connection. */
export interface MysqlConnectionConfig {
  /** The host of the server. */
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
  /** Opens the connection instead of the driver. */
  stream?: () => Duplex
  /** TLS, with the certificate and the name in it checked. Without it the connection is not encrypted. */
  ssl?: { rejectUnauthorized: true; verifyIdentity: true; ca?: string[] }
}

/** A mysql2 connection: the methods that are used. */
export interface MysqlConnection {
  /** Runs one statement; resolves with its rows and their fields. */
  query(sql: string): Promise<[unknown, unknown]>
  /** Says goodbye to the server and closes the connection. */
  end(): Promise<void>
  /** Adds a listener: a connection that breaks must not end the process. */
  on(event: 'error', listener: (error: Error) => void): unknown
}
