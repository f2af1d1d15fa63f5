import { SecretCache } from '../../src/index.js'
import type { ErrorKind } from '../../src/pools/error-kind.js'
import type { Followed as CheckedFollowed } from '../../src/pools/follow-options.js'
import type { Login } from '../../src/pools/login.js'
import type { LoginSource } from '../../src/pools/login-source.js'
import type { PoolDriver } from '../../src/pools/pool-driver.js'
import { poolEmitter } from '../../src/pools/pool-emitter.js'
import type { PoolEvent } from '../../src/pools/pool-events.js'
import { type LoginAttempt, PoolFollower } from '../../src/pools/pool-follower.js'
import { FakeSecretsManager, ManualClock } from '../../src/testing/index.js'
import { settled } from '../support/deferred-source.js'

export const refusal: Error = Object.assign(new Error('password authentication failed'), { code: '28P01' })
export const locked: Error = Object.assign(new Error('account is locked'), { code: '3955' })
export const full: Error = Object.assign(new Error('too many connections'), { code: '53300' })

class Outage extends Error {
  readonly code = 'ECONNREFUSED'
}

/** As a driver has it: an error of its own for each connection. */
export function anotherOutage(): Error {
  return new Outage('connect ECONNREFUSED')
}

export const outage: Error = anotherOutage()

const kinds = new Map<unknown, ErrorKind>([
  [refusal, 'refused'],
  [locked, 'locked'],
  [full, 'full'],
])

/** A pool as its driver plays it: connections that take logins and tell how it went. */
class PlayedPool {
  readonly follower: PoolFollower
  readonly #attempts = new Map<Login, LoginAttempt[]>()

  constructor(follower: PoolFollower) {
    this.follower = follower
  }

  take(): Login | undefined {
    const attempt = this.follower.take()
    if (attempt === undefined) return undefined
    this.#attempts.set(attempt.login, [...(this.#attempts.get(attempt.login) ?? []), attempt])
    return attempt.login
  }

  /** How the oldest login that is under way went; or one that nobody has counted. */
  report(login: Login, error?: unknown): void {
    const attempt = this.#attempts.get(login)?.shift() ?? { login, ticket: {} }
    this.follower.report(attempt, error)
  }

  /** `error`: what the connection that is asked for again has failed with. */
  again(error?: unknown): Promise<void> {
    return this.follower.again(this.follower.wish(), error)
  }

  mayTryAgain(error: unknown): boolean {
    return this.follower.mayTryAgain(error)
  }

  touch(): void {
    this.follower.touch()
  }

  stop(): void {
    this.follower.stop()
  }

  freed(): void {
    this.follower.freed()
  }

  get waiting(): number {
    return this.follower.waiting
  }

  tag(connection: object, login: Login): void {
    this.follower.retirement.tag(connection, login)
  }

  isOutdated(connection: object): boolean {
    return this.follower.retirement.isOutdated(connection)
  }
}

/** A login outside of the pool that waits for the test to settle it. */
interface Proof {
  readonly login: Login
  succeed(): Promise<void>
  fail(error: Error): Promise<void>
}

/** A follower over a fake Secrets Manager and a database that is played by hand. */
export interface Followed {
  fake: FakeSecretsManager
  clock: ManualClock
  cache: SecretCache
  follower: PlayedPool
  /** The logins outside of the pool, the oldest first. */
  proofs: Proof[]
  /** If set, proofs are settled at once: which passwords the database takes. */
  accepts: { passwords: ReadonlySet<string> | undefined }
  /** How many connections are idle. */
  idle: { count: number }
  /** How many connections were closed to make room. */
  room: { count: number }
  /** The shares of idle connections that were to be closed. */
  closed: number[]
  events: PoolEvent[]
  /** Moves AWSCURRENT, and lets the cache hear of it. */
  rotate(fields: Partial<typeof firstSecret>): Promise<string>
  /** The labels that were read. */
  reads(): string[]
}

export const firstSecret = { username: 'app', password: 'one', host: 'db' }

export function follow(
  options: {
    tryPending?: boolean
    rotationWindowMs?: number
    connectTimeoutMs?: number
    loginsAtOnce?: number
    hasConnections?: boolean
    /** Makes the source of logins that is followed in place of the secret. */
    source?: (clock: ManualClock) => LoginSource
  } = {},
): Followed {
  const clock = new ManualClock()
  const fake = new FakeSecretsManager({ secrets: { db: { ...firstSecret } }, clock })
  const cache = new SecretCache({ client: fake.client(), clock, ttlMs: 86_400_000 })
  const proofs: Proof[] = []
  const accepts: Followed['accepts'] = { passwords: undefined }
  const idle = { count: 0 }
  const closed: number[] = []
  const room = { count: 0 }
  const events: PoolEvent[] = []
  const driver: PoolDriver = {
    database: 'PostgreSQL',
    kindOf: error => kinds.get(error) ?? (error instanceof Outage ? 'unreachable' : 'other'),
    connectTimeoutMs: () => options.connectTimeoutMs ?? 0,
    closeIdle: share => closed.push(share),
    closeOne: () => {
      idle.count = Math.max(0, idle.count - 1)
      room.count += 1
    },
    hasIdle: () => idle.count > 0,
    connections: () => [],
    logIn: login =>
      new Promise((resolve, reject) => {
        const settle = (error?: Error): Promise<void> => {
          if (error === undefined) resolve()
          else reject(error)
          return settled()
        }
        proofs.push({ login, succeed: () => settle(), fail: settle })
        if (accepts.passwords !== undefined) void settle(accepts.passwords.has(login.password) ? undefined : refusal)
      }),
  }
  const emit = (_: string, event: unknown): unknown => events.push(event as PoolEvent)
  const { tryPending = true, rotationWindowMs = 90_000, loginsAtOnce = 2, hasConnections = false } = options
  const followed: CheckedFollowed =
    options.source === undefined ? { cache, secretId: 'db' } : { credentials: options.source(clock) }
  const follower = new PoolFollower(
    { ...followed, retireSpreadMs: 500, tryPending, rotationWindowMs, loginsAtOnce, login: undefined },
    driver,
    poolEmitter({ emit }),
    { hasConnections },
  )
  return {
    fake,
    clock,
    cache,
    follower: new PlayedPool(follower),
    proofs,
    accepts,
    idle,
    closed,
    room,
    events,
    async rotate(fields) {
      const event = fake.rotate('db', { ...firstSecret, ...fields })
      await cache.handleRotationEvent(event)
      await settled()
      return event.detail.versionId
    },
    reads: () =>
      fake.calls.filter(({ operation }) => operation === 'GetSecretValue').map(call => String(call.input.VersionStage)),
  }
}

/** Has the first connection log in. */
export async function working(followed: Followed): Promise<Login> {
  await followed.follower.again()
  const login = followed.follower.take()
  if (login === undefined) throw new Error('There is no login yet.')
  followed.follower.report(login)
  return login
}
