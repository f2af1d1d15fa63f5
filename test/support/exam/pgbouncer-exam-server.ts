import pg from 'pg'
import { startPgbouncer } from '../pgbouncer.js'
import { startPostgres } from '../postgres.js'
import { readLog } from '../server-process.js'
import type { ExamServer } from './exam-server.js'
import { Passage } from './passage.js'
import { postgresExamServer } from './postgres-exam-server.js'

/** What PgBouncer tells of a client. */
interface Client {
  user: string
  port: number
  /** The connection to the server that it uses. */
  link: string
}

/** Starts a PgBouncer in front of a PostgreSQL for exams. Sessions are those of its clients, whose connections break on the way to it. */
export async function startPgbouncerExam(mode: 'transaction' | 'session'): Promise<ExamServer> {
  const server = await startPostgres({ settings: { log_statement: 'none' } })
  const direct = await postgresExamServer(server)
  const { username, password } = server
  const settings = { admin_users: username, default_pool_size: '30', max_client_conn: '500' }
  // For as long as it remembers that a login has failed, 15 s by default, it says so to clients that were handed out, too.
  const bouncer = await startPgbouncer(server, { pool_mode: mode, server_login_retry: '1', ...settings })
  const passage = await Passage.open(bouncer.port)
  const login = { host: '127.0.0.1', port: bouncer.port, user: username, password, database: 'pgbouncer' }
  const admin = new pg.Pool({ ...login, max: 1, idleTimeoutMillis: 0 })
  admin.on('error', () => {})
  const show = async <Row>(what: string): Promise<Row[]> => (await admin.query(`SHOW ${what}`)).rows
  /** Where the client of a session comes from. */
  const ports = new Map<number, number>()
  // The function that rotates logs in here, too: clients that wait in PgBouncer do so until someone logs in with the new password.
  const address = { port: bouncer.port, ssl: false }

  return {
    ...direct,
    name: `PgBouncer, which pools by ${mode}`,
    endpoint: { host: '127.0.0.1', port: passage.port },
    makeUser: async () => ({ ...(await direct.makeUser()), ...address }),
    mark: async () => Date.now(),
    async sessions(users) {
      const clients = await show<Client>('CLIENTS')
      const servers = await show<{ ptr: string; remote_pid: number }>('SERVERS')
      const ids = new Map(servers.map(({ ptr, remote_pid }) => [ptr, remote_pid]))
      const births = birthsIn(readLog(bouncer))
      const ofUsers = clients.filter(({ user }) => users.includes(user))
      return ofUsers.map(({ user, port, link }) => {
        // Who uses no connection to the server is not in a transaction.
        const id = ids.get(link) ?? -port
        ports.set(id, port)
        return { id, user, born: births.get(port) ?? 0 }
      })
    },
    async kill(ids) {
      const doomed = new Set(ids.map(id => ports.get(id) ?? 0))
      passage.cut([...doomed])
      while ((await show<Client>('CLIENTS')).some(({ port }) => doomed.has(port)));
    },
    refusedLogins: users => direct.refusedLogins(users) + refusalsIn(readLog(bouncer), users),
    async stop() {
      passage.close()
      await admin.end()
      await bouncer.stop()
      await direct.stop()
    },
  }
}

/** When the clients have come, by the ports that they come from. */
function birthsIn(log: string): Map<number, number> {
  const logins = log.matchAll(/^(\S+ \S+) .*@127\.0\.0\.1:(\d+) login attempt:/gm)
  return new Map([...logins].map(([, time, port]) => [Number(port), new Date(String(time)).getTime()]))
}

/** How many clients were refused. */
function refusalsIn(log: string, users: readonly string[]): number {
  const refusals = log.matchAll(/\/(\S+)@\S+ closing because: .*authentication failed/g)
  return [...refusals].filter(([, user]) => users.includes(String(user))).length
}
