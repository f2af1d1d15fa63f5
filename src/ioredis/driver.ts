/** A `Redis` or a `Cluster` of ioredis 5 or 6: the members that are used or appear in public types. */
export interface IoredisClient {
  /** The state of its connection, such as `wait`, `ready` or `end`. */
  readonly status: string
  /** The options that it was created with. */
  readonly options: object
  /** Calls the listeners of an event. */
  emit(type: string, ...values: unknown[]): boolean
}

/** The members of a `Redis` that are hooked. */
export interface HookedRedis extends IoredisClient {
  /** `subscriber` if only the commands of subscribers are allowed. */
  readonly mode: string
  readonly options: RedisOptions
  /** The credentials of the connection that is being opened. */
  readonly condition: { auth?: string | readonly [string, string] | undefined }
  readonly connector: Connector
  stream?: Stream | undefined
  connect(): Promise<unknown>
  disconnect(reconnect?: boolean): void
  duplicate(override?: RedisOptions): HookedRedis
  call(command: string, ...words: string[]): Promise<unknown>
  sendCommand(command: Command, ...rest: unknown[]): unknown
  on(type: 'ready' | 'close' | 'end', listener: () => void): unknown
  on(type: 'error', listener: (error: unknown) => void): unknown
}

/** The members of a `Cluster` that are hooked. */
export interface HookedCluster extends IoredisClient {
  readonly isCluster: true
  /** Creates the connection for channel subscriptions, from copies of a node's options. */
  readonly subscriber?: { selectSubscriber(): void; getInstance(): HookedRedis | null } | undefined
  nodes(): HookedRedis[]
  duplicate(...overrides: unknown[]): HookedCluster
  on(type: '+node', listener: (node: HookedRedis) => void): unknown
  on(type: 'end', listener: () => void): unknown
}

/** A command that is being sent. */
export interface Command {
  readonly name: string
  readonly promise: Promise<unknown>
  reject(error: CommandError | undefined): void
}

/** The error of a command. */
export interface CommandError {
  readonly message?: string
  command?: { readonly name: string; readonly args: readonly unknown[] }
}

/** Opens the sockets of a client. */
interface Connector {
  /** False once the client was told to disconnect. */
  connecting: boolean
  /** The error that the client emits if the stream that it gets is already closed. */
  firstError?: unknown
  connect(...tellers: unknown[]): Promise<Stream>
  disconnect(): void
}

/** A socket: the members that are used. */
export interface Stream {
  readonly destroyed: boolean
  /** True for a connection with TLS. */
  readonly encrypted?: boolean
  once(type: string, listener: () => void): unknown
  destroy(error?: Error): unknown
}

/** The options of a client that are read or set here. */
export interface RedisOptions {
  username?: string | null | undefined
  password?: string | null | undefined
  lazyConnect?: boolean | undefined
  connectTimeout?: number | undefined
  [option: string]: unknown
}

export function isCluster(client: HookedRedis | HookedCluster): client is HookedCluster {
  return 'isCluster' in client && client.isCluster
}
