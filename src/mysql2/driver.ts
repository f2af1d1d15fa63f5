/** The module `mysql2` or `mysql2/promise`: the part of it that is used. */
export interface MysqlModule<Pool, Config> {
  /** Creates a pool, which connects when it is first used. */
  createPool(config: Config): Pool
}

/** A pool of `mysql2`, with callbacks or with promises: the members that appear in public types. */
export interface MysqlPool {
  /** Calls the listeners of an event. */
  emit(type: string, ...values: unknown[]): boolean
}

/** What the pool calls with a connection, or with an error. */
export type OnConnection = (error: unknown, connection?: MysqlPoolConnection) => void

/** The members of a pool with callbacks that are hooked or read. A pool with promises has it as its `pool`. */
export interface HookedPool extends MysqlPool {
  readonly config: PoolConfig
  readonly _allConnections: ConnectionList
  readonly _freeConnections: ConnectionList
  readonly _connectionQueue: { readonly length: number; shift(): OnConnection | undefined }
  readonly _closed: boolean
  readonly constructor: unknown
  getConnection(callback: OnConnection): void
  releaseConnection(connection: MysqlPoolConnection): void
  end(callback?: (error?: unknown) => void): void
  on(type: 'release', listener: () => void): unknown
}

/** The list of connections that a pool keeps. */
export interface ConnectionList {
  readonly length: number
  get(index: number): MysqlPoolConnection | undefined
}

/** The configuration that a pool was created with. */
interface PoolConfig {
  /** The options of its connections. */
  connectionConfig: ConnectionConfig
  readonly connectionLimit: number
  readonly waitForConnections: boolean
  readonly queueLimit: number
}

/** The options of a connection: those of `mysql2` that are read or set here. */
export interface ConnectionConfig {
  user?: string | undefined
  password?: string | undefined
  passwordSha1?: unknown
  host?: string | undefined
  port?: number | undefined
  database?: string | undefined
  ssl?: unknown
  /** Opens connections instead of mysql2. */
  stream?: unknown
  socketPath?: unknown
  authPlugins?: AuthPlugins | undefined
  /** Whether its user lets the password be sent as it is, in any case. */
  enableCleartextPlugin?: unknown
  enableKeepAlive?: unknown
  keepAliveInitialDelay?: number | undefined
  connectTimeout: number
  gracefulEnd?: boolean
}

/** The authentication plugins of a connection, by the names that servers use. */
export type AuthPlugins = Readonly<Record<string, unknown>>

/** An authentication plugin of mysql2: creates the function that returns what is sent to the server. */
export type AuthPlugin = () => () => Promise<Buffer>

/** A connection of a pool. */
export interface MysqlPoolConnection {
  /** Unset once the connection has left its pool. */
  readonly _pool: unknown
  readonly config: ConnectionConfig
  end(): void
  destroy(): void
}
