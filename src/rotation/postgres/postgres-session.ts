import type { Login, Session } from '../database/database.js'
import type { PgClient } from './driver.js'
import { giveSettings } from './give-settings.js'
import { ownWay } from './own-way.js'
import { identifier } from './quoting.js'
import { type Role, rolesQuery, sessionsQuery } from './roles.js'
import { mayBeForeign, mustHaveNoSessions } from './same-pair.js'
import { scramVerifier } from './scram-verifier.js'
import { takeover } from './takeover.js'
import { begin, transaction } from './transaction.js'
import { type WorkRole, workAs, workRolesQuery } from './work-roles.js'

/** A login on PostgreSQL. */
export function postgresSession(client: PgClient, login: Login): Session {
  return {
    async account() {
      await client.query('SELECT pg_catalog.now()')
      return login.username
    },

    async changeOwnPassword(password, { username }) {
      await client.query(transaction(`ALTER ROLE ${identifier(username)} PASSWORD '${await scramVerifier(password)}'`))
    },

    async provideUser({ password, log, proof, ...users }) {
      const pair = { ...users, isProven: proof !== undefined }
      const { username, like, isFirst } = pair
      const verifier = await scramVerifier(password)
      await client.query(begin)
      const roles = (await client.query(rolesQuery, [username, like])).rows as Role[]
      const workRoles = async (): Promise<WorkRole[]> => (await client.query(workRolesQuery, [like, username])).rows as WorkRole[]
      // Only the sessions of the second user are made to begin like those of the other.
      const before = isFirst ? [] : await workRoles()
      if (mustHaveNoSessions(pair, roles) && (await client.query(sessionsQuery, [username])).rows.length > 0)
        throw mayBeForeign(username, like, 'open sessions')
      const plan = takeover(pair, roles, before, verifier)
      if (plan.link.length > 0) await client.query(plan.link.join(';\n'))
      const denied = await giveSettings(client, plan.settings)
      // A new membership decides which roles the second user can become.
      const found = plan.link.length > 0 ? await workRoles() : before
      const work = plan.worksAlike ? workAs(pair, found) : { statements: [], withheld: [] }
      await client.query([...work.statements, ...plan.finish, 'COMMIT'].join(';\n'))
      const withheld = [...plan.withheld, ...work.withheld, ...denied]
      if (withheld.length > 0)
        log('not-rotated', `${username} differs from ${like} in what the master may not change: ${withheld.join(', ')}`)
      if (plan.keepsOwnWay) log('not-rotated', ownWay(username, like))
    },

    close: () => client.end(),
  }
}
