import type { Duplex } from 'node:stream'

/** The driver `mysql2/promise`, as far as it is called. */
export interface MysqlDriver {
  createConnection(config: MysqlConnectionConfig): Promise<MysqlConnection>
}

/** What a connection of mysql2 is made with. */
export interface MysqlConnectionConfig {
  host: string
  port: number
  user: string
  password: string
  database?: string
  connectTimeout: number
  /** Opens the connection in the driver's place. */
  stream?: () => Duplex
  ssl?: { rejectUnauthorized: true; verifyIdentity: true; ca?: string[] }
}

/** A connection of mysql2, as far as it is called. */
export interface MysqlConnection {
  query(sql: string): Promise<[unknown, unknown]>
  end(): Promise<void>
  on(event: 'error', listener: (error: Error) => void): unknown
}
