import { type Follower, notYet } from '../pools/follower.js'
import type { Login } from '../pools/login.js'
import type { PgClientClass, PgConfig } from './driver.js'

/**
 * The class of connections that log in with what the secret says at the moment at which they are made: user and password of one
 * version, always. One for which there is no login yet fails before it reaches the network, and the pool's `connect` waits.
 */
export function followingClient(Base: PgClientClass, configFor: (login: Login) => PgConfig, follower: Follower): PgClientClass {
  return class Client extends Base {
    readonly #login: Login | undefined

    constructor() {
      const login = follower.take()
      super(login === undefined ? {} : configFor(login))
      this.#login = login
    }

    override connect(): Promise<unknown>
    override connect(callback: (error?: unknown) => void): void
    override connect(callback?: (error?: unknown) => void): Promise<unknown> | undefined {
      if (callback === undefined)
        return new Promise((resolve, reject) => this.connect(error => (error ? reject(error) : resolve(this))))
      const login = this.#login
      if (login === undefined) {
        process.nextTick(callback, notYet)
        return undefined
      }
      super.connect(error => {
        follower.report(login, error)
        if (!error) follower.tag(this, login)
        callback(error)
      })
      return undefined
    }
  }
}
