import type { Database } from './engine.js'
import type { ErrorKind } from './error-kind.js'
import type { Login } from './login.js'

/** What a driver does for a pool that follows a secret. */
export interface PoolDriver {
  /** The database whose secrets it accepts. */
  readonly database: Database
  /** Logs in outside the pool and disconnects. Rejects with the driver's own error. */
  logIn(login: Login): Promise<void>
  kindOf(error: unknown): ErrorKind
  /** Whether an error is transient, because a proxy repeats an earlier rejection. */
  mayPass?(error: unknown): boolean
  /** Closes this share of the idle outdated connections, rounded up. */
  closeIdle(share: number): void
  /** Closes one idle connection, if there is one. */
  closeOne(): void
  /** Whether a connection is idle: the next request gets it, whatever the state of the login. */
  hasIdle(): boolean
  /** All open connections. */
  connections(): Iterable<object>
  /** How long the driver lets a request wait for a connection; 0 without a limit. */
  connectTimeoutMs(): number
}
