import type { Clock } from '../core/time/clock.js'

/** A login that may end. Ends are in milliseconds since the epoch; a missing one is never. */
export interface ExpiringLogin {
  /** Tells this login from the others of its source. It must contain nothing secret: events contain it. */
  readonly id: string
  /** The user to log in as. */
  readonly username: string
  /** The password, such as a token. */
  readonly password: string
  /** Until when it opens connections. Those that it has opened may go on after that. */
  readonly loginUntil?: number | undefined
  /** How long the server keeps a connection after it has logged in, in milliseconds. */
  readonly sessionMs?: number | undefined
  /** Until when the user exists. Connections are replaced before that. */
  readonly accountUntil?: number | undefined
}

/** A login as its issuer returns it: an id is made for one that has none. */
export type IssuedLogin = Omit<ExpiringLogin, 'id'> & { readonly id?: string | undefined }

/** The server that a source has logins for. The address in the driver's own options takes precedence. */
export interface LoginServer {
  /** The host name. */
  readonly host?: string | undefined
  /** The port. */
  readonly port?: number | undefined
  /** The name of the database. */
  readonly database?: string | undefined
}

/** The listener of a subscription. */
export interface LoginListener {
  /** Called with each new login. */
  onNext(login: ExpiringLogin): void
  /** Required by node-redis and never called: the old login stays in use, and what uses it after its end gets the error. */
  onError(error: Error): void
}

/**
 * A source of logins that end: what pools, clients and swaps take as `credentials` in place of a cache and a secret. It is also a streaming
 * credentials provider of node-redis.
 *
 * `rdsIam` and the other functions of `awscurrent/iam` create sources; `describeLoginSource` of `awscurrent/testing` checks one of your own.
 */
export interface LoginSource {
  /** The tag by which node-redis recognizes this kind of provider. */
  readonly type: 'streaming-credentials-provider'
  /** The server, if the source knows it. */
  readonly server?: LoginServer | undefined
  /** Whether its logins must be sent over TLS only. */
  readonly requiresTls?: boolean | undefined
  /** The clock of its ends and of the pauses of what follows it. @default the clock of the machine */
  readonly clock?: Clock | undefined
  /** The login to use now; undefined if there is none yet, or if the last one has ended. */
  current(): ExpiringLogin | undefined
  /** Resolves with a login that may be used now. */
  get(options?: { signal?: AbortSignal | undefined }): Promise<ExpiringLogin>
  /** Resolves with another login than one that the server has rejected; with the current one if it is another already. */
  refresh(refused: ExpiringLogin): Promise<ExpiringLogin>
  /** Resolves with a login and a subscription to those that follow it. */
  subscribe(listener: LoginListener): Promise<[ExpiringLogin, { dispose(): void }]>
  /** Called by node-redis when Redis rejects a new login on an open connection. */
  onReAuthenticationError(error: Error): void
}
