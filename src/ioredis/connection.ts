import { isRefusal } from '../pools/error-kind.js'
import { pauseAfterFailure, pauseAfterRefusal } from '../pools/limits.js'
import { isOutOfPlace, redisCodeOf, redisKindOf } from '../pools/redis-error.js'
import { authOf, type RedisLogin, sameLogin } from '../pools/redis-login.js'
import { checkTls } from '../pools/tls-only.js'
import type { HookedRedis } from './driver.js'
import type { Following } from './following.js'
import { holdStream, hookConnector } from './hook-connector.js'
import { hookLogins } from './hook-logins.js'
import { hookTransactions, type Transactions } from './hook-transactions.js'
import { ownError } from './own-error.js'
import { prove } from './prove.js'

/** The connection of one client. It logs in with the version that works when it is opened, and re-authenticates when that changes. */
export class Connection {
  readonly #redis: HookedRedis
  readonly #following: Following
  readonly #duplicate: HookedRedis['duplicate']
  readonly #transactions: Transactions
  /** The login that the connection is being opened with. */
  #opening: RedisLogin | undefined
  /** The login of the open connection, as far as is known. */
  #login: RedisLogin | undefined
  #authenticating: RedisLogin | undefined
  #failures = 0
  #cancelRetry: () => void = () => {}

  /** `duplicate` creates a client that does not follow the secret. */
  constructor(redis: HookedRedis, following: Following, duplicate: HookedRedis['duplicate']) {
    this.#redis = redis
    this.#following = following
    this.#duplicate = duplicate
    redis.on('ready', () => this.#opened())
    redis.on('close', () => this.#closed())
    redis.on('end', () => following.ended(this))
    hookLogins(redis, following)
    this.#transactions = hookTransactions(redis, () => void this.#authenticate())
    hookConnector(redis, { take: () => this.#take(), onDisconnect: () => this.#disconnected() })
    if (redis.status === 'connecting' && redis.stream === undefined) holdStream(redis, () => this.#take())
    else if (redis.status !== 'wait' && redis.status !== 'end')
      following
        .begin(this)
        .ready()
        .catch(() => {})
  }

  get isOpen(): boolean {
    return this.#redis.status === 'ready'
  }

  prove(login: RedisLogin): Promise<Error | undefined> {
    return prove(this.#duplicate, login, this.#following)
  }

  /** Another login works. */
  moved(): void {
    this.#cancelRetry()
    this.#failures = 0
    void this.#authenticate()
  }

  async #take(): Promise<RedisLogin> {
    checkTls(this.#following, this.#redis.options.tls)
    const login = await this.#following.begin(this).ready(this.#redis.options.connectTimeout)
    this.#opening = login
    return login
  }

  #opened(): void {
    this.#login = this.#opening
    this.#opening = undefined
    void this.#authenticate()
  }

  #closed(): void {
    this.#cancelRetry()
    // The reason for the close is not known: its user may have been changed.
    this.#following.logins?.doubt()
    this.#login = undefined
    this.#opening = undefined
  }

  /** Between two connections there is none whose `end` could be observed. */
  #disconnected(): void {
    if (this.#redis.status === 'reconnecting') this.#following.ended(this)
  }

  async #authenticate(): Promise<void> {
    const login = this.#following.logins?.proven
    if (login === undefined || this.#authenticating === login || (this.#login && sameLogin(this.#login, login))) return
    // AUTH is not allowed in this mode; the next connection logs in with the version that works then.
    if (!this.isOpen || this.#redis.mode !== 'normal') return
    // It follows at the end of the transaction.
    if (this.#transactions.isOpen) return
    this.#authenticating = login
    try {
      const answer = await this.#redis.call('AUTH', ...[authOf(login)].flat())
      // It was only queued: the transaction was opened before the client was attached.
      if (answer === 'OK') this.#login = login
      else this.#retry()
    } catch (error) {
      this.#refused(login, error)
    } finally {
      if (this.#authenticating === login) this.#authenticating = undefined
    }
    // ioredis resends the commands that were lost with a connection on the next one, which had already logged in with a newer version.
    if (this.#login === login && this.#following.logins?.proven !== login) void this.#authenticate()
  }

  #refused(login: RedisLogin, error: unknown): void {
    const { logins } = this.#following
    // The connection has started to subscribe meanwhile.
    if (isOutOfPlace(error)) return
    // An AUTH that was lost with its connection says nothing about the login, and neither does one for a login that has been replaced.
    if (redisCodeOf(error) === undefined || logins?.proven !== login) return
    logins.refusedOpen(login, ownError(error))
    this.#retry(isRefusal(redisKindOf(error)) ? pauseAfterRefusal : pauseAfterFailure)
  }

  #retry(pauseAfter = pauseAfterFailure): void {
    this.#failures += 1
    this.#cancelRetry = this.#following.clock.setTimeout(() => void this.#authenticate(), pauseAfter(this.#failures))
  }
}
