import { randomUUID } from 'node:crypto'
import type { Pool, PoolConnection } from 'mysql2/promise'
import { pamFlags, startPamTokens } from '../../support/pam-tokens.js'
import { useServer } from '../../support/use-server.js'
import { type TestDatabase, useTestDatabase } from './database.js'

/** A MariaDB whose users log in with tokens, over TLS only. */
export interface TokenDatabase {
  readonly database: TestDatabase
  /** A new name of a user. */
  newName(): string
  /** Makes a user who logs in with the tokens that are accepted. */
  makeUser(username: string): Promise<void>
  dropUser(username: string): Promise<void>
  accept(username: string, token: string): void
  reject(username: string, token: string): void
  /** The options of a pool that lead to it. */
  address(): { host: string; port: number; ssl: { ca: string } }
  /** The numbers of the sessions that a user has, the oldest first. */
  sessions(username: string): Promise<number[]>
}

export function useTokenDatabase(): TokenDatabase {
  const pam = useServer(startPamTokens)
  const database = useTestDatabase({ flags: pamFlags })
  return {
    database,
    newName: () => `app_${randomUUID().slice(0, 8)}`,
    async makeUser(username) {
      await database.admin.query(`CREATE USER ${username}@'%' IDENTIFIED VIA pam USING '${pam.server.service}' REQUIRE SSL`)
    },
    async dropUser(username) {
      await database.admin.query(`DROP USER ${username}@'%'`)
    },
    accept: (username, token) => pam.server.accept(username, token),
    reject: (username, token) => pam.server.reject(username, token),
    address() {
      const { host, port, ca } = database.server
      return { host, port, ssl: { ca } }
    },
    async sessions(username) {
      const [rows] = await database.admin.query(
        'SELECT ID AS id FROM information_schema.PROCESSLIST WHERE USER = ? ORDER BY ID',
        [username],
      )
      return (rows as { id: number }[]).map(({ id }) => Number(id))
    },
  }
}

/** The user, the number and the cipher of a connection. */
export async function ask(queried: Pick<Pool | PoolConnection, 'query'>): Promise<{ user: string; id: number; cipher: string }> {
  const [rows] = await queried.query(
    `SELECT SUBSTRING_INDEX(USER(), '@', 1) AS user, CONNECTION_ID() AS id, VARIABLE_VALUE AS cipher
     FROM information_schema.SESSION_STATUS WHERE VARIABLE_NAME = 'Ssl_cipher'`,
  )
  return (rows as { user: string; id: number; cipher: string }[])[0] as { user: string; id: number; cipher: string }
}

/** Holds so many connections of a pool at once, and releases them; resolves with their numbers. */
export async function openAtOnce(pool: Pool, connections: number): Promise<number[]> {
  const held = await Promise.all(Array.from({ length: connections }, () => pool.getConnection()))
  const ids = await Promise.all(held.map(async connection => (await ask(connection)).id))
  for (const connection of held) connection.release()
  return ids.sort((one, other) => one - other)
}
