/** A `Redis` or a `Cluster` of ioredis 5 or 6, as far as it is called and typed in public. */
export interface IoredisClient {
  /** How far its connection is, such as `wait`, `ready` or `end`. */
  readonly status: string
  /** What it was made with. */
  readonly options: object
  /** Tells its listeners of an event. */
  emit(type: string, ...values: unknown[]): boolean
}

/** The members of a `Redis` that are hooked. */
export interface HookedRedis extends IoredisClient {
  /** `subscriber` if only commands of subscribers are allowed. */
  readonly mode: string
  readonly options: RedisOptions
  /** What the connection that is being made logs in with. */
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
  /** Makes the connection that channels are subscribed by, from copies of a node's options. */
  readonly subscriber?: { selectSubscriber(): void; getInstance(): HookedRedis | null } | undefined
  nodes(): HookedRedis[]
  duplicate(...overrides: unknown[]): HookedCluster
  on(type: '+node', listener: (node: HookedRedis) => void): unknown
  on(type: 'end', listener: () => void): unknown
}

/** A command on its way. */
export interface Command {
  readonly name: string
  reject(error: CommandError | undefined): void
}

/** What a command fails with. */
export interface CommandError {
  command?: { readonly name: string; readonly args: readonly unknown[] }
}

/** Opens the sockets of a client. */
interface Connector {
  /** False once the client was told to disconnect. */
  connecting: boolean
  /** What the client tells if the stream that it gets is closed already. */
  firstError?: unknown
  connect(...tellers: unknown[]): Promise<Stream>
  disconnect(): void
}

/** A socket, as far as it is called. */
export interface Stream {
  readonly destroyed: boolean
  once(type: string, listener: () => void): unknown
  destroy(error?: Error): unknown
}

/** Options of a client, of which these are read or set. */
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
