import { randomUUID } from 'node:crypto'
import mysqlPromises, { type RowDataPacket } from 'mysql2/promise'
import { mysql } from '../../../src/rotation/index.js'
import { startMariadb } from '../mariadb.js'
import { connectMysql } from '../mysql-server.js'
import { readLog } from '../server-process.js'
import type { ExamServer, Session } from './exam-server.js'

/** Starts a MariaDB for exams. */
export async function startMariadbExam(): Promise<ExamServer> {
  const server = await startMariadb({ logStatements: false })
  const admin = await connectMysql(server)
  const address = { engine: 'mariadb', host: server.host, port: server.port }
  const rows = async <Row>(statement: string, values: unknown[] = []): Promise<Row[]> =>
    (await admin.query<RowDataPacket[]>(statement, values))[0] as Row[]
  return {
    name: 'MariaDB',
    ca: server.ca,
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
      await admin.query(`CREATE USER ${username}@'%' IDENTIFIED BY '${password}'`)
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
    async stop() {
      await admin.end()
      await server.stop()
    },
  }
}
