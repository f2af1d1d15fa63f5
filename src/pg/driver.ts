/** The module `pg`: the part of it that is used. */
export interface PgModule<Pool, Config> {
  Pool: new (config?: Config) => Pool
}

/** A `pg.Pool`: the members that are used or appear in public types. */
export interface PgPool {
  /** How many of its connections are idle. */
  readonly idleCount: number
  /** How many connections it has. */
  readonly totalCount: number
  /** The options that it was created with. */
  readonly options: object
  /** Calls the listeners of an event. */
  emit(type: string, ...values: unknown[]): boolean
}

/** A client that the pool has handed out. */
export interface PgPoolClient {
  /** Whether its last query has ended. */
  readonly readyForQuery?: boolean
  once(type: 'drain', listener: () => void): unknown
  end(): Promise<void>
  on(type: 'error', listener: () => void): unknown
  removeListener(type: 'error', listener: () => void): unknown
}

/** Releases a client; a truthy argument closes it. */
export type Release = (close?: unknown) => void

/** What the pool calls with a client, or with an error and no client. */
export type OnClient = (error: unknown, client: PgPoolClient, release: Release) => void

/** What a query calls when it has ended. */
export type OnResult = (error: unknown, result?: unknown) => void

/** The members of a `pg.Pool` that are hooked or used. */
export interface HookedPool extends PgPool {
  readonly ending?: boolean
  /** Its connections, also those that are being established. */
  readonly _clients: readonly object[]
  readonly options: PgConfig
  /** The class of the pool's connections. The pool creates each from its options and connects it at once, with a callback. */
  Client: PgClientClass
  connect(callback?: OnClient): Promise<unknown> | undefined
  query(text: unknown, values?: unknown, callback?: OnResult): Promise<unknown>
  end(callback?: (error?: unknown) => void): Promise<void> | undefined
  on(type: 'error', listener: () => void): unknown
  on(type: 'release', listener: (error: unknown, client: PgPoolClient) => void): unknown
}

/** The class of a pool's connections. */
export type PgClientClass = new (config: PgConfig) => PgClient

/** A connection that is being established. */
interface PgClient {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly ssl: unknown
  /** The protocol connection, which libpq clients do not expose. */
  readonly connection: { on(type: 'errorMessage', listener: (error: unknown) => void): unknown }
  query(text: string): Promise<unknown>
  connect(): Promise<unknown>
  connect(callback: (error?: unknown) => void): void
  end(): Promise<void>
  on(type: 'error', listener: () => void): unknown
}

/** The options of a connection: those of `pg` that are read or set here. */
export interface PgConfig {
  connectionString?: string | undefined
  connectionTimeoutMillis?: number | undefined
  query_timeout?: number | undefined
  user?: string | undefined
  password?: unknown
  host?: string | undefined
  port?: number | undefined
  database?: string | undefined
  ssl?: unknown
}
