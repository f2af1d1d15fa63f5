import { expect, vi } from 'vitest'
import { SecretCache, type SecretCacheOptions } from '../../src/index.js'
import type { FollowSecretOptions, PoolEvent } from '../../src/pg/index.js'
import type { RotationHandlerOptions } from '../../src/rotation/index.js'
import type { FakeSecretsManager } from '../../src/testing/index.js'
import { eventsDuring } from './events-during.js'
import { type DatabaseFields, masterNamed, type Rotating, type RotatingOptions, rotating } from './rotating.js'

/** A connection, or a pool as a whole: what a query runs on. */
interface Queried {
  /** The user that the query runs as. */
  whoAmI(): Promise<string>
}

/** A pool that follows a secret, whatever its driver. */
export interface TestedPool extends Queried {
  /** Takes a connection out. */
  hold(): Promise<Queried & { release(): void }>
  /** How many connections the pool believes to have. */
  openConnections(): number
  on(type: PoolEvent['type'], listener: (event: PoolEvent) => void): unknown
  end(): Promise<void>
}

/** A database server, and a driver with our pool. */
export interface PoolWorld {
  makeUser(): Promise<DatabaseFields>
  masterSecret(): DatabaseFields
  engine(): NonNullable<RotationHandlerOptions['engine']>
  open(options: FollowSecretOptions & { size: number; connectTimeoutMs: number }): TestedPool
  /** Ends every session of a user. */
  kill(username: string): Promise<void>
  setPassword(username: string, password: string): Promise<void>
  /** How many sessions a user has. */
  sessions(username: string): Promise<number>
  /** How many logins of a user the server has refused. */
  refusedLogins(username: string): number
  isAuthError(error: unknown): boolean
}

/** What a scene is set up with. */
export interface SceneOptions extends RotatingOptions {
  strategy?: 'single-user' | 'alternating-users'
  size?: number
  connectTimeoutMs?: number
  pendingDenied?: boolean
  cache?: SecretCacheOptions
  pool?: Partial<FollowSecretOptions>
  /** What the secret holds, if it is not what the user logs in with. */
  secret?: (user: DatabaseFields) => Record<string, unknown>
}

/** A user, their secret, a cache and a pool. */
export interface Scene {
  fake: FakeSecretsManager
  cache: SecretCache
  pool: TestedPool
  user: DatabaseFields
  rotation: Rotating
  /** What the pool has told. */
  events: PoolEvent[]
  /** The labels that the cache has asked Secrets Manager for. */
  reads: string[]
  /** Rotates. The cache hears of it if it is announced. */
  rotate(options?: { announced?: boolean }): Promise<void>
  /** Has the server end all connections, none of which is in use, and waits until the pool knows. */
  loseConnections(): Promise<void>
  /** Moves AWSCURRENT to another value, past the database; the cache hears of it. */
  put(fields: Record<string, unknown>): Promise<void>
}

/** Plays a scene on a server of the tests, and cleans up. */
export async function playScene(
  world: PoolWorld,
  { strategy = 'single-user', size = 5, connectTimeoutMs = 20_000, pendingDenied = false, ...options }: SceneOptions,
  play: (scene: Scene) => Promise<void>,
): Promise<void> {
  const user = masterNamed(await world.makeUser(), strategy)
  const secrets = { db: options.secret?.(user) ?? { ...user }, master: { ...world.masterSecret() } }
  const { before } = options
  const rotation = rotating(secrets, { strategy, engine: world.engine() }, before && { before })
  const { fake } = rotation
  const reads: string[] = []
  const client = fake.client()
  const observed = {
    send(command: { input: { VersionStage?: string } }, ...rest: unknown[]): Promise<unknown> {
      const { VersionStage = '' } = command.input
      reads.push(VersionStage)
      return pendingDenied && VersionStage === 'AWSPENDING'
        ? Promise.reject(Object.assign(new Error('not authorized'), { name: 'AccessDeniedException', $fault: 'client' }))
        : Reflect.apply(client.send, client, [command, ...rest])
    },
  }
  await using cache = new SecretCache({ client: observed, ttlJitter: 0, ...options.cache })
  const pool = world.open({ cache, secretId: 'db', size, connectTimeoutMs, retireSpreadMs: 20, ...options.pool })
  const events: PoolEvent[] = []
  for (const type of ['credentials', 'retired', 'window', 'refused'] as const) pool.on(type, event => events.push(event))
  /** Runs what moves AWSCURRENT; hands its event to the cache if that is to hear of it. */
  const announcing = async (move: () => unknown, announced: boolean): Promise<void> => {
    const events = await eventsDuring(fake, move)
    if (announced) for (const event of events) await cache.handleRotationEvent(event)
  }
  try {
    await play({
      fake,
      cache,
      pool,
      user,
      rotation,
      events,
      reads,
      rotate: ({ announced = true } = {}) => announcing(() => rotation.rotate('db'), announced),
      async loseConnections() {
        await world.kill(user.username)
        await eventually(() => expect(pool.openConnections()).toBe(0))
      },
      put: fields => announcing(() => fake.put('db', fields), true),
    })
  } finally {
    await pool.end().catch(() => {})
  }
}

/** Waits for what a server or a pool does in its own time. */
export function eventually(check: () => unknown): Promise<unknown> {
  return vi.waitFor(check, { timeout: 20_000, interval: 20 })
}

/** Runs queries until it is told to stop; resolves with what went wrong. */
export function keepQuerying(pool: Pick<TestedPool, 'whoAmI'>, workers: number): () => Promise<unknown[]> {
  const failures: unknown[] = []
  let over = false
  const work = async (): Promise<void> => {
    while (!over && failures.length < 100) await pool.whoAmI().catch(error => failures.push(error))
  }
  const all = Promise.all(Array.from({ length: workers }, work))
  return async () => {
    over = true
    await all
    return failures
  }
}
