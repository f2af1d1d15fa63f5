import type { Login, Session } from '../database/database.js'
import type { PgClient } from './driver.js'
import { giveSettings } from './give-settings.js'
import { type HandOver, handOver } from './hand-over.js'
import { identifier } from './quoting.js'
import { type Role, rolesQuery } from './roles.js'
import { scramVerifier } from './scram-verifier.js'
import { takeover } from './takeover.js'
import { begin, transaction } from './transaction.js'
import { ownWorkRole, type WorkRole, workAs, workRolesQuery } from './work-roles.js'

/** Where a user works, and a master that has no database of its own. */
export const defaultDatabase = 'postgres'

/** A login on PostgreSQL. `open` logs in elsewhere. */
export function postgresSession(client: PgClient, login: Login, open: (login: Login) => Promise<PgClient>): Session {
  async function handOverIn(dbname: string, between: HandOver, found: readonly WorkRole[]): Promise<void> {
    const other = await open({ ...login, dbname })
    try {
      await handOver(other, between, ownWorkRole(dbname, found))
    } finally {
      await other.end().catch(() => {})
    }
  }

  async function readWorkRoles(first: string, second: string): Promise<WorkRole[]> {
    return (await client.query(workRolesQuery, [first, second])).rows as WorkRole[]
  }

  return {
    async account() {
      await client.query('SELECT pg_catalog.now()')
      return login.username
    },

    async changeOwnPassword(user, password) {
      await client.query(transaction(`ALTER ROLE ${identifier(user)} PASSWORD '${await scramVerifier(password)}'`))
    },

    async provideUser({ password, dbname = defaultDatabase, log, provenAccount, ...users }) {
      const pair = { ...users, isProven: provenAccount !== undefined }
      const { username, like } = pair
      const verifier = await scramVerifier(password)
      await client.query(begin)
      const { rows } = await client.query(rolesQuery, [username, like, dbname])
      const plan = takeover(pair, rows as Role[], verifier)
      if (plan.link.length > 0) await client.query(plan.link.join(';\n'))
      const denied = await giveSettings(client, plan.settings)
      const { owner = like, member } = plan.handOver ?? {}
      const found = await readWorkRoles(owner, member?.name ?? username)
      const work = plan.isClone ? workAs(pair, found) : { statements: [], withheld: [] }
      const finish = [...work.statements, ...plan.finish]
      const withheld = [...plan.withheld, ...work.withheld, ...denied]
      if (plan.handOver === undefined) {
        await client.query([...finish, 'COMMIT'].join(';\n'))
      } else {
        await client.query('COMMIT')
        // Objects can be handed over in their own database only, which is not ours to trust: nothing else is done there.
        await handOverIn(dbname, plan.handOver, found)
        await client.query(transaction(...finish))
      }
      if (withheld.length === 0) return
      log('not-rotated', `${username} differs from ${like} in what the master may not change: ${withheld.join(', ')}`)
    },

    close: () => client.end(),
  }
}
