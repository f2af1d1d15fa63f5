import { isRefusal } from '../pools/error-kind.js'
import type { Login } from '../pools/login.js'
import { type LoginAttempt, notYet, type PoolFollower } from '../pools/pool-follower.js'
import { mayPass, postgresKindOf } from '../pools/postgres-error.js'
import { checkTls } from '../pools/tls-only.js'
import type { PgClientClass, PgConfig } from './driver.js'

/**
 * A class of connections that log in with the version that is in use when they are created: user and password are always of one version. If
 * there is no login yet, the connection fails before it reaches the network, and the pool's `connect` waits.
 */
export function followingClient(
  Base: PgClientClass,
  configFor: (login: Login) => PgConfig,
  follower: PoolFollower,
): PgClientClass {
  return class Client extends Base {
    readonly #attempt: LoginAttempt | undefined

    constructor() {
      const attempt = follower.take()
      try {
        super(attempt === undefined ? {} : configFor(attempt.login))
        // What the client makes of its options counts.
        if (attempt !== undefined) checkTls(attempt.login, this.ssl)
      } catch (error) {
        // The driver does not accept these options.
        if (attempt !== undefined) follower.report(attempt, error)
        throw error
      }
      this.#attempt = attempt
    }

    override connect(): Promise<unknown>
    override connect(callback: (error?: unknown) => void): void
    override connect(callback?: (error?: unknown) => void): Promise<unknown> | undefined {
      if (callback === undefined)
        return new Promise((resolve, reject) => this.connect(error => (error ? reject(error) : resolve(this))))
      const attempt = this.#attempt
      if (attempt === undefined) {
        process.nextTick(callback, notYet)
        return undefined
      }
      super.connect(error => {
        follower.report(attempt, error)
        if (!error) this.#isIn(attempt.login)
        callback(error)
      })
      return undefined
    }

    #isIn(login: Login): void {
      follower.retirement.tag(this, login)
      // A proxy accepts clients itself, and passes on the database's rejection with the first query.
      this.connection.on('errorMessage', error => {
        // Whatever the reason for a fatal error, the session is over.
        if (isFatal(error)) follower.refusedAtWork(this, error)
      })
    }
  }
}

/** Whether the server has rejected the login itself, now or some time ago, rather than something that a query requested. */
export function isUnexecuted(error: unknown): boolean {
  return isFatal(error) && (isRefusal(postgresKindOf(error)) || mayPass(error))
}

function isFatal(error: unknown): boolean {
  return (error as { severity?: unknown } | undefined)?.severity === 'FATAL'
}
