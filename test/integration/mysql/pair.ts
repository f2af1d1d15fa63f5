import mysqlDriver from 'mysql2/promise'
import { type MysqlDriver, mysql, type RotationLogEvent } from '../../../src/rotation/index.js'
import { type DatabaseFields, type Rotating, rotating } from '../../support/rotating.js'
import type { TestDatabase } from './database.js'

/** A rotation of two users, and what there is to see of them. */
export interface Pair extends Rotating {
  user: DatabaseFields
  /** The account of the second user, as SQL. */
  clone: string
  /** What the log was told of by `not-rotated`. */
  notRotated(): (string | undefined)[]
}

/** What tests of two users do on a server. */
export interface Pairs {
  /** Asks as the administrator. */
  ask(sql: string): Promise<unknown>
  /** As `ask`; the first column of each row. */
  linesOf(sql: string): Promise<string[]>
  /** The lines of SHOW GRANTS, with `USER` in the place of the name and without limits and passwords. */
  grantsOf(username: string): Promise<string[]>
  /** The pair of a user, with a rotation by a master. */
  pairOf(user: DatabaseFields, options?: { master?: DatabaseFields; driver?: MysqlDriver }): Pair
  /** A master with these grants, each of which it may pass on, and with what it needs besides. */
  makeMaster(name: string, grants: readonly string[]): Promise<DatabaseFields>
}

/** Makes pairs on a server. */
export function pairs(database: TestDatabase): Pairs {
  const ask = async (sql: string): Promise<unknown> => (await database.admin.query(sql))[0]

  const linesOf = async (sql: string): Promise<string[]> =>
    ((await ask(sql)) as object[]).map(row => String(Object.values(row)[0]))

  const grantsOf = async (username: string): Promise<string[]> => {
    const lines = await linesOf(`SHOW GRANTS FOR \`${username}\`@'%'`)
    return lines.map(line => line.replaceAll(`\`${username}\`@`, 'USER@').replace(/ (IDENTIFIED|REQUIRE) .*/, '')).sort()
  }

  const pairOf: Pairs['pairOf'] = (user, { master = database.masterSecret(), driver = mysqlDriver } = {}) => {
    const log: RotationLogEvent[] = []
    const secrets = { db: { ...user, masterarn: 'master' }, master: { ...master } }
    const engine = mysql({ mysql: driver, ca: database.server.ca })
    const setup = rotating(secrets, { strategy: 'alternating-users', engine, log: event => log.push(event) })
    return {
      ...setup,
      user,
      clone: `${user.username}_clone@'%'`,
      notRotated: () => log.filter(({ type }) => type === 'not-rotated').map(({ reason }) => reason),
    }
  }

  const makeMaster: Pairs['makeMaster'] = async (name, grants) => {
    const master = { ...database.masterSecret(), username: name, password: 'of the master' }
    await ask(`CREATE USER ${name}@'%' IDENTIFIED BY '${master.password}'`)
    for (const grant of ['CREATE USER ON *.*', 'SELECT, UPDATE ON mysql.*', ...grants])
      await ask(`GRANT ${grant} TO ${name}@'%' WITH GRANT OPTION`)
    return master
  }

  return { ask, linesOf, grantsOf, pairOf, makeMaster }
}
