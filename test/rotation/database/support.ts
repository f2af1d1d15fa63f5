import { postgresKindOf } from '../../../src/pools/postgres-error.js'
import type { Database, Login, Session } from '../../../src/rotation/database/database.js'
import { databaseEngine } from '../../../src/rotation/database/database-engine.js'
import type { DatabaseEngineOptions, RotationStrategy } from '../../../src/rotation/index.js'
import { type DatabaseFields, type Rotating, rotating } from '../../support/rotating.js'

/** A database of users and passwords, in memory, that notes who tries to log in and what is changed. */
export interface MemoryDatabase extends Database {
  readonly users: Map<string, string>
  readonly notes: string[]
}

/** Makes such a database, on the host `db.example`. Another server there, at port 6666, has users of its own. */
export function memoryDatabase(users: Record<string, string>, othersUsers?: Record<string, string>): MemoryDatabase {
  const database: MemoryDatabase = {
    engines: ['memory', 'aurora-memory'],
    defaultPort: 1_234,
    longestUsername: 20,
    kindOf: postgresKindOf,
    users: new Map(Object.entries(users)),
    notes: [],
    async connect({ username, password, host, port, tls }: Login) {
      database.notes.push(
        `login ${username} ${password}${host === 'db.example' ? '' : ` at ${host}`}${tls ? '' : ' without TLS'}`,
      )
      if (port === 6_666 && othersUsers !== undefined) {
        if (othersUsers[username] === password) return session(username)
        throw Object.assign(new Error(`not ${password}`), { code: '28P01' })
      }
      if (port !== database.defaultPort) throw Object.assign(new Error(`no way to ${password}`), { code: 'ECONNREFUSED' })
      if (database.users.get(username) !== password) throw Object.assign(new Error(`not ${password}`), { code: '28P01' })
      return session(username)
    },
  }

  const session = (username: string): Session => ({
    account: async () => username,
    async changeOwnPassword(password, { username: user }) {
      database.notes.push(`${username} sets ${user}`)
      database.users.set(user, password)
    },
    async provideUser({ username: user, password, like, likeAccount, isFirst, proof }) {
      const told = [isFirst && ', the first', proof !== undefined && ', proven'].filter(Boolean).join('')
      database.notes.push(`${username} makes ${user} like ${like} (${likeAccount})${told}`)
      database.users.set(user, password)
    },
    close: async () => {},
  })
  return database
}

/** The secret of `app`, as the database knows it. */
export const appSecret: DatabaseFields = {
  engine: 'memory',
  host: 'db.example',
  port: 1_234,
  username: 'app',
  password: 'one',
  masterarn: 'master',
}

/** The secret of the administrator. */
export const masterSecret: DatabaseFields = {
  engine: 'memory',
  host: 'db.example',
  port: 1_234,
  username: 'root',
  password: 'top',
}

/** A rotation of secrets of such a database. */
export function rotatingIn(
  database: MemoryDatabase,
  secrets: Record<string, object>,
  strategy: RotationStrategy,
  options: DatabaseEngineOptions = {},
  before: (step: string) => Promise<void> = async () => {},
): Rotating {
  const engine = databaseEngine(database, options)
  return rotating({ ...secrets }, { strategy, engine }, { before: ({ Step }) => before(Step) })
}
