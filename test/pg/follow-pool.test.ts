import pg from 'pg'
import { describe, expect, it, vi } from 'vitest'
import { SecretCache } from '../../src/index.js'
import { attachPool, createPool } from '../../src/pg/index.js'
import { FakeSecretsManager } from '../../src/testing/index.js'
import { settled } from '../support/deferred-source.js'
import { rejectionOf } from '../support/rejection.js'

const refusal = Object.assign(new Error('password authentication failed'), { code: '28P01' })

/** A connection that the test lets log in or not: the driver's, up to the network. */
interface Connecting {
  readonly client: pg.Client
  succeed(): Promise<void>
  fail(error: Error): Promise<void>
}

/** The first connection that is opened. */
async function first(connecting: readonly Connecting[]): Promise<Connecting> {
  await vi.waitFor(() => expect(connecting).not.toEqual([]))
  return connecting[0] as Connecting
}

/** A pool of pg over a database that is played by hand. */
function pooled(options: pg.PoolConfig = {}, secret: object = {}) {
  const connecting: Connecting[] = []
  class PlayedClient extends pg.Client {
    override connect(): Promise<this>
    override connect(callback: (error: Error) => void): void
    override connect(callback?: (error: Error) => void): Promise<this> | undefined {
      const settle = (error?: Error): Promise<void> => {
        callback?.(error as Error)
        return settled()
      }
      connecting.push({ client: this, succeed: () => settle(), fail: settle })
      return callback === undefined ? new Promise(() => {}) : undefined
    }
  }
  const fake = new FakeSecretsManager({ secrets: { db: { username: 'app', password: 'one', host: 'db', ...secret } } })
  const cache = new SecretCache({ client: fake.client() })
  const played = { ...options, Client: PlayedClient } as pg.PoolConfig
  const pool = createPool(pg, { ...played, cache, secretId: 'db' })
  return { fake, cache, pool, connecting, make: () => new pg.Pool(played) }
}

describe('the end of a pool', () => {
  it('waits for who has asked for the first connection', async () => {
    const { pool, connecting } = pooled()
    const asked = pool.connect()
    const ended = pool.end()
    await (await first(connecting)).succeed()
    const client = await asked
    client.release()
    await ended
    expect(pool.ended).toBe(true)
  })

  it('that is asked for twice settles both, and who waits', async () => {
    const { pool, connecting } = pooled({ max: 1 })
    const held = pool.connect()
    await (await first(connecting)).succeed()
    const waiting = pool.connect()
    const ended = pool.end()
    expect(await rejectionOf(pool.end())).toMatchObject({ message: 'Called end on pool more than once' })
    ;(await held).release()
    ;(await waiting).release()
    await ended
    expect(pool.totalCount).toBe(0)
  })

  it('tells who waits in the queue why the database takes no login', async () => {
    const { pool, connecting } = pooled({ max: 1 })
    const asked = [1, 2, 3].map(() => rejectionOf(pool.connect()))
    const connection = await first(connecting)
    const ended = pool.end()
    await connection.fail(refusal)
    expect(await Promise.all(asked)).toEqual([refusal, refusal, refusal])
    await ended
  })

  it('settles at once where nobody has asked for anything', async () => {
    const { pool } = pooled()
    await pool.end()
    expect(await rejectionOf(pool.connect())).toMatchObject({ message: 'Cannot use a pool after calling end on the pool' })
  })
})

it('a client whose session the server has ended is not used again, though its query never gets an end', async () => {
  const { pool, connecting } = pooled()
  const held = pool.connect()
  await (await first(connecting)).succeed()
  const client = await held
  Reflect.set(client, 'readyForQuery', false)
  const error = Object.assign(new Error('query_wait_timeout'), { code: '08P01', severity: 'FATAL' })
  ;(client as unknown as { connection: pg.Connection }).connection.emit('errorMessage', error as never)
  client.release()
  expect(pool.totalCount).toBe(0)
  await pool.end()
})

it('options that no connection can be made of fail every query, and let the pool end', async () => {
  const { pool } = pooled({ sslnegotiation: 'direct' } as object, { ssl: false })
  for (let query = 0; query < 2; query += 1) expect(String(await rejectionOf(pool.query('select 1')))).toMatch('sslnegotiation')
  await pool.end()
})

it('options that the secret completes are not refused before it is read', async () => {
  const { pool, connecting } = pooled({ sslnegotiation: 'direct' } as object, { ssl: true })
  const asked = pool.connect()
  await (await first(connecting)).succeed()
  ;(await asked).release()
  await pool.end()
})

it('a pool that follows a secret cannot be made to follow another', () => {
  const { pool, cache, make } = pooled()
  expect(() => attachPool(pool, { cache, secretId: 'other' })).toThrow(new TypeError('This pool already follows a secret.'))
  const existing = attachPool(make(), { cache, secretId: 'db' })
  expect(() => attachPool(existing, { cache, secretId: 'db' })).toThrow(TypeError)
})
