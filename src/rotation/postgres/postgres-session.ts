import type { Login, Session } from '../database/database.js'
import type { PgClient } from './driver.js'
import { identifier, type Role, rolesQuery, takeover } from './roles.js'
import { scramVerifier } from './scram-verifier.js'

/** Where a user works, and a master that has no database of its own. */
export const defaultDatabase = 'postgres'

/**
 * Every transaction begins with it: what the owner of the database, or a role's own settings, make of a session does not count here.
 * `SET LOCAL`, because behind a pooler the session is somebody else's next.
 */
const begin = [
  'BEGIN READ WRITE',
  'SET LOCAL search_path TO pg_catalog, pg_temp',
  'SET LOCAL ROLE NONE',
  'SET LOCAL statement_timeout TO 0',
]

/** The statements as one transaction, sent at once. */
const transaction = (...statements: string[]): string => [...begin, ...statements, 'COMMIT'].join(';\n')

/** A login on PostgreSQL. `open` logs in elsewhere. */
export function postgresSession(client: PgClient, login: Login, open: (login: Login) => Promise<PgClient>): Session {
  async function runIn(dbname: string, statements: string[]): Promise<void> {
    const other = await open({ ...login, dbname })
    try {
      await other.query(transaction(...statements))
    } finally {
      await other.end().catch(() => {})
    }
  }

  return {
    async account() {
      await client.query('SELECT pg_catalog.now()')
      return login.username
    },

    async changeOwnPassword(user, password) {
      await client.query(transaction(`ALTER ROLE ${identifier(user)} PASSWORD '${await scramVerifier(password)}'`))
    },

    async provideUser({ username, password, like, dbname = defaultDatabase }) {
      const verifier = await scramVerifier(password)
      await client.query(begin.join(';\n'))
      const { rows } = await client.query(rolesQuery, [username, like, dbname])
      const { link, handOver, finish } = takeover({ username, like }, rows as Role[], verifier)
      if (handOver.length === 0) {
        await client.query([...link, ...finish, 'COMMIT'].join(';\n'))
        return
      }
      await client.query([...link, 'COMMIT'].join(';\n'))
      // Objects can be handed over in their own database only, which is not ours to trust: nothing else is done there.
      await runIn(dbname, handOver)
      await client.query(transaction(...finish))
    },

    close: () => client.end(),
  }
}
