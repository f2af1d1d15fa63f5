import type { CompleteClock } from '../core/time/clock.js'
import { clockOf } from '../pools/followed.js'
import { poolEmitter } from '../pools/pool-emitter.js'
import type { FollowerStatus } from '../pools/pool-status.js'
import type { RedisLogin } from '../pools/redis-login.js'
import type { Connection } from './connection.js'
import { type HookedCluster, type HookedRedis, isCluster } from './driver.js'
import { closedError, type FollowedOptions, Logins } from './logins.js'

/** What a client shares with its duplicates and its nodes: the secret that they follow while one of them is in use. */
export class Following {
  readonly options: FollowedOptions
  readonly clock: CompleteClock
  /** Whether its logins must be sent over TLS only. */
  readonly tlsOnly: boolean
  readonly #client: HookedRedis | HookedCluster
  readonly #events: ReturnType<typeof poolEmitter>
  /** Those that have started to connect and have not ended. */
  readonly #live = new Set<Connection>()
  #logins: Logins | undefined

  /** Events are emitted on this client. */
  constructor(client: HookedRedis | HookedCluster, options: FollowedOptions) {
    this.options = options
    this.clock = clockOf(options)
    this.tlsOnly = options.credentials?.requiresTls === true
    this.#client = client
    this.#events = poolEmitter(client)
    client.on('end', () => this.#rest())
  }

  /** The state of the client; undefined while no connection is open or being opened. */
  status(): FollowerStatus | undefined {
    return this.#logins?.status()
  }

  /** Undefined until a connection is opened. */
  get logins(): Logins | undefined {
    return this.#logins
  }

  begin(connection: Connection): Logins {
    this.#live.add(connection)
    this.#logins ??= new Logins({
      options: this.options,
      events: this.#events,
      prove: login => this.#prove(login),
      onMoved: () => this.#moved(),
    })
    return this.#logins
  }

  ended(connection: Connection): void {
    this.#live.delete(connection)
    this.#rest()
  }

  /** Proves a login on the server of an open connection if there is one: in a cluster, another node may be unreachable. */
  #prove(login: RedisLogin): Promise<unknown> {
    const live = [...this.#live]
    const connection = live.find(({ isOpen }) => isOpen) ?? live.at(-1)
    return connection === undefined ? Promise.resolve(closedError()) : connection.prove(login)
  }

  #moved(): void {
    for (const connection of this.#live) connection.moved()
  }

  /** A `Redis` that is told to disconnect between two connections keeps the status `reconnecting`. */
  get #isOver(): boolean {
    const { status } = this.#client
    return status === 'end' || (status === 'reconnecting' && !isCluster(this.#client))
  }

  #rest(): void {
    if (this.#live.size > 0 || !this.#isOver) return
    this.#logins?.stop()
    this.#logins = undefined
  }
}
