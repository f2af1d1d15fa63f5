import { expect, it } from 'vitest'
import { type MysqlConnectionConfig, mysql } from '../../../src/rotation/index.js'
import { type DatabaseFields, type Rotating, rotating } from '../../support/rotating.js'

const refused = { code: 'ER_ACCESS_DENIED_ERROR', errno: 1_045 }

// No MySQL runs in these tests: they look at the statements. MariaDB runs in test/integration.

const user: DatabaseFields = {
  engine: 'mysql',
  host: 'db.example',
  port: 3_306,
  username: 'app',
  password: 'one',
  masterarn: 'master',
}
const answers: [RegExp, unknown[]][] = [
  [/^SELECT VERSION/, [{ version: '8.4.3' }]],
  [
    /FROM mysql.user/,
    ['10.%', '%'].map(Host => ({
      User: 'app',
      Host,
      plugin: Host === '%' ? 'mysql_native_password' : 'caching_sha2_password',
      ssl_type: Host === '%' ? 'ANY' : '',
      max_user_connections: 7,
    })),
  ],
  [/^SHOW GRANTS FOR `app`@`%`/, [{ x: 'GRANT `reader`@`%` TO `app`@`%`' }]],
  [/^SHOW GRANTS FOR/, [{ x: 'GRANT ALL PRIVILEGES ON `db`.* TO `app`@`10.%` WITH GRANT OPTION' }]],
  [/default_roles .*HOST = '%'/, [{ user: 'reader', host: '%' }]],
]

/** A driver for a MySQL 8.4 that knows the passwords, and what it was asked. */
function fakeDriver(passwords: Record<string, string>) {
  const statements: string[] = []
  const configs: MysqlConnectionConfig[] = []
  const driver = {
    async createConnection(config: MysqlConnectionConfig) {
      configs.push(config)
      if (passwords[config.user] !== config.password) throw Object.assign(new Error('no'), refused)
      return {
        async query(sql: string): Promise<[unknown, unknown]> {
          statements.push(sql)
          const [, who = config.user, password] = sql.match(/^SET PASSWORD(?: FOR `(\w+)`@`10.%`)? = '([^']*)'/) ?? []
          if (password !== undefined) passwords[who] = password
          if (sql.startsWith('SHOW GRANTS FOR `app_clone`')) {
            const grants = statements.filter(given => /^GRANT/.test(given) && given.includes(sql.slice(16)))
            return [grants.map(x => ({ x })), []]
          }
          if (sql.startsWith('SELECT CURRENT_USER')) return [[{ account: `${config.user}@10.%` }], []]
          return [answers.find(([sign]) => sign.test(sql))?.[1] ?? [], []]
        },
        end: async () => {},
        on: () => {},
      }
    },
  }
  return { driver, statements, configs }
}

const ignored = /^SELECT (CURRENT_USER|DISTINCT GRANTEE)|information_schema|mysql\.(proxies_priv|role_edges)/
const shown = ({ read }: Rotating, statements: string[]) =>
  statements
    .filter(sql => !ignored.test(sql))
    .map(sql => sql.replaceAll(read('db').password, 'NEW').replace(/BY '[\w.-]{32}'/, "BY 'ANY'"))

it('one user sets the password of the own account, which keeps its plugin', async () => {
  const { driver, statements } = fakeDriver({ app: 'one' })
  const setup = rotating({ db: { ...user } }, { engine: mysql({ mysql: driver }) })
  await setup.rotate('db')
  expect(shown(setup, statements)).toEqual([
    "SET SESSION sql_mode = 'NO_BACKSLASH_ESCAPES', sql_quote_show_create = 1, lock_wait_timeout = 10, sql_select_limit = 18446744073709551615",
    'SELECT VERSION() AS version',
    "SET PASSWORD = 'NEW' REPLACE 'one' RETAIN CURRENT PASSWORD",
  ])
})

it('two users: accounts, certificates, grants and default roles of every host, the passwords last, our own account’s at the very end', async () => {
  const { driver, statements } = fakeDriver({ app: 'one', root: 'top' })
  const master = { ...user, username: 'root', password: 'top' }
  const setup = rotating(
    { db: { ...user }, master },
    { strategy: 'alternating-users', engine: mysql({ mysql: driver, accounts: 'all' }) },
  )
  await setup.rotate('db')
  const rolesOf = (host: string) =>
    `SELECT DEFAULT_ROLE_USER AS user, DEFAULT_ROLE_HOST AS host FROM mysql.default_roles WHERE USER = 'app' AND HOST = '${host}'`
  expect(shown(setup, statements)).toEqual([
    "SET SESSION sql_mode = 'NO_BACKSLASH_ESCAPES', sql_quote_show_create = 1, lock_wait_timeout = 10, sql_select_limit = 18446744073709551615",
    'SELECT VERSION() AS version',
    expect.stringContaining("FROM mysql.user WHERE User IN ('app_clone', 'app')"),
    "CREATE USER `app_clone`@`10.%` IDENTIFIED WITH 'caching_sha2_password' BY 'ANY'",
    "CREATE USER `app_clone`@`%` IDENTIFIED WITH 'mysql_native_password' BY 'ANY'",
    'SHOW GRANTS FOR `app`@`10.%`',
    'SHOW GRANTS FOR `app_clone`@`10.%`',
    'GRANT ALL PRIVILEGES ON `db`.* TO `app_clone`@`10.%` WITH GRANT OPTION',
    'SHOW GRANTS FOR `app_clone`@`10.%`',
    'SHOW GRANTS FOR `app_clone`@`10.%`',
    'SHOW GRANTS FOR `app`@`%`',
    'SHOW GRANTS FOR `app_clone`@`%`',
    'GRANT `reader`@`%` TO `app_clone`@`%`',
    'SHOW GRANTS FOR `app_clone`@`%`',
    'SHOW GRANTS FOR `app_clone`@`%`',
    'ALTER USER `app_clone`@`10.%` REQUIRE NONE WITH MAX_USER_CONNECTIONS 7',
    rolesOf('10.%'),
    'ALTER USER `app_clone`@`%` REQUIRE SSL WITH MAX_USER_CONNECTIONS 7',
    rolesOf('%'),
    'ALTER USER `app_clone`@`%` DEFAULT ROLE `reader`@`%`',
    'ALTER USER `app_clone`@`%` DISCARD OLD PASSWORD',
    "SET PASSWORD FOR `app_clone`@`%` = 'NEW'",
    'ALTER USER `app_clone`@`10.%` DISCARD OLD PASSWORD',
    "SET PASSWORD FOR `app_clone`@`10.%` = 'NEW'",
  ])
})

it.each([
  [undefined, { rejectUnauthorized: true, verifyIdentity: true }],
  [true, { rejectUnauthorized: true, verifyIdentity: true }],
  [false, undefined],
])('with ssl %s in the secret, the driver is told %o', async (ssl, told) => {
  const { driver, configs } = fakeDriver({ app: 'one' })
  const { rotate } = rotating({ db: { ...user, ...(ssl !== undefined && { ssl }) } }, { engine: mysql({ mysql: driver }) })
  await rotate('db')
  expect(configs.map(config => config.ssl)).toEqual(Array(4).fill(told))
})

it('the driver with callbacks is told from the one with promises', async () => {
  const heard: string[] = []
  const driver = { createConnection: () => ({ on: (event: string) => heard.push(event) }) } as never
  const { rotate } = rotating({ db: { ...user } }, { engine: mysql({ mysql: driver }) })
  await expect(rotate('db')).rejects.toThrow('the driver is mysql2, not mysql2/promise')
  // Unheard, an error of the connection that it opens would end the process.
  expect(heard).toEqual(['error'])
})
