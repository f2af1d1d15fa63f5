import mysqlPromises from 'mysql2/promise'
import pg from 'pg'
import { describe, expect, it, vi } from 'vitest'
import { isSecretCacheError, type Secret, SecretCache } from '../../src/index.js'
import { createPool as createMysqlPool } from '../../src/mysql2/index.js'
import { createPool as createPgPool, type PoolEvent } from '../../src/pg/index.js'
import { FakeSecretsManager } from '../../src/testing/index.js'
import { everythingVisibleIn } from '../support/doors.js'
import { rejectionOf } from '../support/rejection.js'

const planted = 'planted-password'

/** A driver whose logins all go well, with which user. */
function playedPg(): { Client: typeof pg.Client; users: unknown[] } {
  const users: unknown[] = []
  class Client extends pg.Client {
    override connect(): Promise<this>
    override connect(callback: (error: Error) => void): void
    override connect(callback?: (error: Error) => void): Promise<this> | undefined {
      users.push(this.user)
      callback?.(undefined as unknown as Error)
      return callback === undefined ? Promise.resolve(this) : undefined
    }
    override end(callback?: unknown): Promise<void> {
      if (typeof callback === 'function') callback()
      return Promise.resolve()
    }
  }
  return { Client, users }
}

interface Followed {
  fake: FakeSecretsManager
  cache: SecretCache
  /** Asks for a connection and gives it back. */
  connect(): Promise<unknown>
  end(): Promise<void>
  events: PoolEvent[]
}

type Options = { login?: (secret: Secret) => unknown; secret?: unknown }

const secretOf = (fields: object = {}): object => ({ username: 'app', password: planted, host: 'db', ...fields })

function pgFollowed({ login, secret = secretOf() }: Options = {}): Followed {
  const fake = new FakeSecretsManager({ secrets: { db: secret as object } })
  const cache = new SecretCache({ client: fake.client() })
  const { Client } = playedPg()
  const pool = createPgPool(pg, { cache, secretId: 'db', ...(login && { login }), Client } as never)
  const events: PoolEvent[] = []
  for (const type of ['credentials', 'refused', 'retired', 'window'] as const) pool.on(type, event => events.push(event))
  const connect = async (): Promise<void> => (await pool.connect()).release()
  return { fake, cache, connect, end: () => pool.end(), events }
}

function mysqlFollowed({ login, secret = secretOf() }: Options = {}): Followed {
  const fake = new FakeSecretsManager({ secrets: { db: secret as object } })
  const cache = new SecretCache({ client: fake.client() })
  const pool = createMysqlPool(mysqlPromises, { cache, secretId: 'db', ...(login && { login: login as never }) })
  const events: PoolEvent[] = []
  for (const type of ['credentials', 'refused', 'retired', 'window'] as const) pool.on(type, event => events.push(event))
  return { fake, cache, connect: () => pool.getConnection(), end: () => pool.end(), events }
}

const pools = [
  ['pg', pgFollowed],
  ['mysql2', mysqlFollowed],
] as const

/** Looks at an error of ours: which secret, and nothing of what it holds. */
function expectClear(error: unknown): void {
  expect(isSecretCacheError(error) && error.secretId).toBe('db')
  expect(['ERR_SECRET_SCHEMA', 'ERR_SECRET_FORMAT']).toContain((error as { code: string }).code)
  expect(everythingVisibleIn(error)).not.toContain(planted)
}

const nonsense: [string, (secret: Secret) => unknown][] = [
  ['nothing', () => undefined],
  ['null', () => null],
  ['text', secret => secret.text()],
  ['a number', () => 5],
  ['an empty object', () => ({})],
  ['no password', () => ({ user: 'app' })],
  ['no user', secret => ({ password: secret.json<{ password: string }>().password })],
  ['a user that is no text', () => ({ user: 5, password: planted })],
  ['a password that is no text', () => ({ user: 'app', password: { planted } })],
  ['an empty user', () => ({ user: '', password: planted })],
  ['names of the secret instead of ours', secret => secret.json()],
  ['a port that is no number', () => ({ user: 'app', password: planted, port: planted })],
  ['a port out of range', () => ({ user: 'app', password: planted, port: 70_000 })],
  ['a host that is no text', () => ({ user: 'app', password: planted, host: [planted] })],
  ['a list', () => [planted]],
  ['a promise', async () => ({ user: 'app', password: planted })],
  ['a promise that rejects', () => Promise.reject(new Error(planted))],
  [
    'an error',
    () => {
      throw new Error(`cannot read ${planted}`)
    },
  ],
  [
    'something thrown that is no error',
    () => {
      throw planted
    },
  ],
  [
    'getters that throw',
    () => ({
      get user() {
        throw new Error(planted)
      },
      password: planted,
    }),
  ],
]

describe.each(pools)('login of a pool of %s', (_, followed) => {
  it.each(nonsense)('that gives %s fails each query with one clear error', async (_, login) => {
    const rejections: unknown[] = []
    const hear = (reason: unknown): number => rejections.push(reason)
    process.on('unhandledRejection', hear)
    const { connect, end, cache } = followed({ login })
    for (let time = 0; time < 2; time += 1) expectClear(await rejectionOf(connect()))
    await end()
    await cache.close()
    await new Promise(resolve => setImmediate(resolve))
    process.off('unhandledRejection', hear)
    expect(rejections).toEqual([])
  })

  it('that is asynchronous is told so', async () => {
    const { connect, end } = followed({ login: async () => ({ user: 'app', password: planted }) })
    expect(String(await rejectionOf(connect()))).toContain('promise')
    await end()
  })
})

describe('a pool that works', () => {
  it.each(nonsense)('goes on with what it had when login gives %s of the next version', async (_, wrong) => {
    let login: (secret: Secret) => unknown = () => ({ user: 'app', password: 'one' })
    const { fake, cache, connect, end, events } = pgFollowed({ login: secret => login(secret) })
    await connect()
    login = wrong
    await cache.handleRotationEvent(fake.rotate('db', secretOf({ password: 'two' })))
    await vi.waitFor(() => expect(events.at(-1)).toMatchObject({ type: 'refused', secretId: 'db' }))
    await connect()
    expect(events.map(({ type }) => type)).toEqual(['credentials', 'refused'])
    expect(everythingVisibleIn(events)).not.toContain(planted)
    await end()
  })

  it("goes on with what it had when the secret becomes another database's", async () => {
    const { fake, cache, connect, end, events } = pgFollowed({ secret: secretOf({ engine: 'postgres' }) })
    await connect()
    await cache.handleRotationEvent(fake.rotate('db', secretOf({ engine: 'mysql' })))
    await vi.waitFor(() => expect(events.at(-1)).toMatchObject({ type: 'refused', secretId: 'db' }))
    await connect()
    expect(events.map(({ type }) => type)).toEqual(['credentials', 'refused'])
    await end()
  })
})

describe('the engine that a secret names', () => {
  const others = ['sqlserver', 'sqlserver-ee', 'oracle', 'oracle-se2', 'custom-oracle-ee', 'mongo', 'docdb', 'db2', 'db2-se']
  const likeMysql = ['mysql', 'mariadb', 'aurora-mysql', 'aurora', 'MySQL']
  const likePostgres = ['postgres', 'postgresql', 'aurora-postgresql', 'redshift', 'PostgreSQL']

  it.each([...likeMysql, ...others])('%s is an error for a pool of pg, which says what to do', async engine => {
    const { connect, end } = pgFollowed({ secret: secretOf({ engine }) })
    const error = await rejectionOf(connect())
    expectClear(error)
    expect(String(error)).toContain('engine')
    expect(String(error)).toContain('login')
    await end()
  })

  it.each([...likePostgres, ...others])('%s is an error for a pool of mysql2', async engine => {
    const { connect, end } = mysqlFollowed({ secret: secretOf({ engine }) })
    const error = await rejectionOf(connect())
    expectClear(error)
    expect(String(error)).toContain('engine')
    await end()
  })

  it.each([...likePostgres, undefined, '', 'cockroachdb'])('%s is none for a pool of pg', async engine => {
    const { connect, end } = pgFollowed({ secret: secretOf({ engine }) })
    await connect()
    await end()
  })

  it('is not looked at where login reads the secret', async () => {
    const login = (secret: Secret) => ({ user: 'app', password: secret.json<{ password: string }>().password })
    const { connect, end } = pgFollowed({ secret: secretOf({ engine: 'mysql' }), login })
    await connect()
    await end()
  })
})
