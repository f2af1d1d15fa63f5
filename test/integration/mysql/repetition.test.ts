import mysqlDriver from 'mysql2/promise'
import { expect, inject } from 'vitest'
import { mysql } from '../../../src/rotation/index.js'
import { describeRepetition } from '../../support/rotation-crashes.js'
import { useTestDatabase } from './database.js'

const database = useTestDatabase()
const write = 'CREATE TABLE IF NOT EXISTS notes (text varchar(9))'

for (const [strategy, hosts] of [
  ['single-user', ['%']],
  // Two accounts: a crash could leave them with different passwords.
  ['alternating-users', ['%', '127.0.0.%']],
] as const) {
  describeRepetition(strategy, {
    makeUser: () => database.makeUser({ hosts }),
    masterSecret: database.masterSecret,
    engine: process => mysql({ mysql: process.mysql(mysqlDriver), ca: database.server.ca, accounts: 'all' }),
    async use(secret) {
      await database.query(secret, write, "INSERT INTO notes VALUES ('x')", 'SELECT count(*) FROM notes')
      const [accounts] = await database.admin.query('SELECT Host, authentication_string AS hash FROM mysql.user WHERE User = ?', [
        secret.username,
      ])
      expect(accounts).toHaveLength(hosts.length)
      // MySQL salts the hash of each.
      if (inject('mysqlServer') === 'mariadb')
        expect(new Set((accounts as { hash: string }[]).map(({ hash }) => hash)).size).toBe(1)
      return accounts
    },
  })
}
