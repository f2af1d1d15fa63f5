// Prisma 7 with MySQL or MariaDB: new PrismaClient({ adapter }). The pool of the driver mariadb is replaced as a whole.
import type { EventEmitter } from 'node:events'
import { type PrismaMariaDb as Adapter, PrismaMariaDb } from '@prisma/adapter-mariadb'
import { DatabaseSecret, SecretCache } from 'awscurrent'
import { isAuthError } from 'awscurrent/mysql2'
import { createSwap } from 'awscurrent/swap'
import { createConnection, createPool, type Pool } from 'mariadb'

export const secrets: SecretCache = new SecretCache()

const swap = createSwap({
  cache: secrets,
  secretId: process.env.SECRET_ID ?? 'prod/db',
  async create(secret) {
    const { username: user, password, host = 'localhost', port = 3306, dbname = '', ssl = false } = secret.json(DatabaseSecret)
    const server = { host, port, database: dbname, ssl, prepareCacheLength: 0 }
    // MySQL without TLS tells that a password is wrong only who may ask for its key.
    const login = { ...server, user, password, allowPublicKeyRetrieval: !ssl }
    // A pool whose login is rejected tries on and on; one connection says so at once.
    await (await createConnection(login)).end()
    const pool = createPool({ ...login, connectionLimit: 10, minimumIdle: 1, acquireTimeout: 3_000 })
    // Later on only this event does, which is not in its types.
    ;(pool as object as EventEmitter).on('error', error => report(pool, error))
    return pool
  },
  verify: pool => pool.query('SELECT 1'),
  drain: pool => pool.end(),
  isAuthError,
})

/** For the swap this is work whose login was rejected: it looks for a version that works, and replaces the pool. */
function report(pool: Pool, error: Error): void {
  swap.use(current => (current === pool ? Promise.reject(error) : undefined)).catch(() => {})
}

/** As much of a pool as the adapter uses. What is a transaction is one call of `use`, until its connection is given back. */
const pool: Pick<Pool, 'execute' | 'getConnection' | 'query'> = {
  query: (...args) => swap.use(current => current.query(...args)),
  execute: (...args) => swap.use(current => current.execute(...args)),
  getConnection: () =>
    new Promise((resolve, reject) => {
      const lend = async (current: Pool): Promise<void> => {
        const connection = await current.getConnection()
        const giveBack = connection.release.bind(connection)
        await new Promise<void>(resolveUse => {
          connection.release = () => giveBack().finally(resolveUse)
          resolve(connection)
        })
      }
      swap.use(lend).catch(reject)
    }),
}

export const adapter: Adapter = new PrismaMariaDb(pool as never)

/** To be called after `prisma.$disconnect()`, which leaves the pool open. */
export async function close(): Promise<void> {
  await swap.close()
  await secrets.close()
}
