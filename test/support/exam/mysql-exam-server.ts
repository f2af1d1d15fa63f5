import { randomUUID } from 'node:crypto'
import mysqlPromises, { type RowDataPacket } from 'mysql2/promise'
import { mysql } from '../../../src/rotation/index.js'
import { startMariadb } from '../mariadb.js'
import { startMysql } from '../mysql.js'
import { connectMysql, type MysqlServer } from '../mysql-server.js'
import { readLog } from '../server-process.js'
import { startSlowRefusals } from '../slow-refusals.js'
import { type ExamServer, type ExamServerOptions, refusalMs, type Session } from './exam-server.js'

const noLimit = 1_000

/** After so many failed logins in a row an account is locked. */
const failures = 4

/** Starts a MariaDB for exams. */
export async function startMariadbExam({ locksAccounts = false, ...options }: ExamServerOptions = {}): Promise<ExamServer> {
  const flags = locksAccounts ? { 'max-password-errors': String(failures) } : {}
  return examServer('mariadb', await startMariadb({ logStatements: false, flags }), { name: 'MariaDB', ...options })
}

/** Starts a MySQL for exams. */
export async function startMysqlExam({ locksAccounts = false, ...options }: ExamServerOptions = {}): Promise<ExamServer> {
  const rule = locksAccounts ? `FAILED_LOGIN_ATTEMPTS ${failures} PASSWORD_LOCK_TIME 1` : ''
  return examServer('mysql', await startMysql({ logStatements: false }), { name: 'MySQL', rule, ...options })
}

async function examServer(
  engine: 'mariadb' | 'mysql',
  server: MysqlServer,
  { name, rule = '', refusesSlowly = false }: { name: string; rule?: string } & ExamServerOptions,
): Promise<ExamServer> {
  const admin = await connectMysql(server)
  const slow = refusesSlowly ? await startSlowRefusals(server.port, refusalMs) : undefined
  const address = { engine, host: server.host, port: server.port }
  const rows = async <Row>(statement: string, values: unknown[] = []): Promise<Row[]> =>
    (await admin.query<RowDataPacket[]>(statement, values))[0] as Row[]
  return {
    name,
    ca: server.ca,
    ...(slow && { endpoint: { host: '127.0.0.1', port: slow.port } }),
    statements: {
      plain: 'SELECT 1 AS answer',
      prepared: 'SELECT ? + 1 AS answer',
      session: 'SELECT CONNECTION_ID() AS answer',
      insert: 'INSERT INTO exam (tag) VALUES (?)',
      count: 'SELECT COUNT(*) AS answer FROM exam WHERE tag = ?',
    },
    async makeUser() {
      const [username, password] = [`app_${randomUUID().slice(0, 8)}`, randomUUID()]
      await admin.query(`CREATE DATABASE ${username}`)
      await admin.query(`CREATE TABLE ${username}.exam (tag CHAR(36), KEY (tag))`)
      // Connections are counted from the first that has a limit.
      await admin.query(`CREATE USER ${username}@'%' IDENTIFIED BY '${password}' WITH MAX_USER_CONNECTIONS ${noLimit} ${rule}`)
      await admin.query(`GRANT ALL PRIVILEGES ON ${username}.* TO ${username}@'%'`)
      return { ...address, username, password, dbname: username }
    },
    masterSecret: () => ({ ...address, username: server.username, password: server.password }),
    engine: () => mysql({ mysql: mysqlPromises, ca: server.ca }),
    async mark() {
      // The list of sessions does not tell when one began, but their ids grow.
      const [status] = await rows<{ Value: string }>("SHOW GLOBAL STATUS LIKE 'Connections'")
      return Number(status?.Value)
    },
    async sessions(users) {
      // One whose command is Connect has not logged in yet, and may never.
      const loggedIn =
        "SELECT ID AS id, USER AS user FROM information_schema.PROCESSLIST WHERE COMMAND <> 'Connect' AND USER IN (?)"
      const all = await rows<Omit<Session, 'born'>>(loggedIn, [users])
      return all.map(session => ({ ...session, born: session.id }))
    },
    async kill(ids) {
      for (const id of ids) await admin.query(`KILL ${id}`).catch(() => {})
      const living = 'SELECT ID FROM information_schema.PROCESSLIST WHERE ID IN (?)'
      while ((await rows(living, [ids])).length > 0);
    },
    refusedLogins(users) {
      const log = readLog(server)
      return users.reduce((sum, user) => sum + log.split(`Access denied for user '${user}'`).length - 1, 0)
    },
    async limitConnections(user, most = noLimit) {
      await admin.query(`ALTER USER ${user}@'%' WITH MAX_USER_CONNECTIONS ${most}`)
    },
    async letsIn({ username, password }) {
      const connection = await connectMysql(server, { user: username, password }).catch(() => undefined)
      await connection?.end()
      return connection !== undefined
    },
    async stop() {
      await slow?.[Symbol.asyncDispose]()
      await admin.end()
      await server.stop()
    },
  }
}
