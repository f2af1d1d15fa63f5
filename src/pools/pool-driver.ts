import type { Database } from './engine.js'
import type { ErrorKind } from './error-kind.js'
import type { Login } from './login.js'

/** What a driver does for the pool that follows a secret. */
export interface PoolDriver {
  /** The one whose secrets it takes. */
  readonly database: Database
  /** Logs in outside of the pool and hangs up. Rejects with the driver's own error. */
  logIn(login: Login): Promise<void>
  kindOf(error: unknown): ErrorKind
  /** Whether an error passes by itself: a proxy repeats what it was told some time ago. */
  mayPass?(error: unknown): boolean
  /** Closes that share, rounded up, of the idle connections that are outdated. */
  closeIdle(share: number): void
  /** Closes one idle connection, if there is one. */
  closeOne(): void
  /** Whether a connection is idle: whoever asks is given that, whatever is known of logins. */
  hasIdle(): boolean
  /** How long the driver lets somebody wait for a connection; 0 if for ever. */
  connectTimeoutMs(): number
}
