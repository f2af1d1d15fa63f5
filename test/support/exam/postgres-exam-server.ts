import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { postgres } from '../../../src/rotation/index.js'
import { connectPostgres, type PostgresServer, startPostgres } from '../postgres.js'
import { readLog } from '../server-process.js'
import { type ExamServer, type ExamServerOptions, refusalMs, type Session } from './exam-server.js'

/** Starts a PostgreSQL for exams. It has no rule that locks an account. */
export async function startPostgresExam({
  refusesSlowly = false,
}: Pick<ExamServerOptions, 'refusesSlowly'> = {}): Promise<ExamServer> {
  return postgresExamServer(
    await startPostgres({
      settings: {
        log_statement: 'none',
        ...(refusesSlowly && { shared_preload_libraries: 'auth_delay', 'auth_delay.milliseconds': String(refusalMs) }),
      },
    }),
  )
}

/** A PostgreSQL as a server of exams. */
export async function postgresExamServer(server: PostgresServer): Promise<ExamServer> {
  const { host, port, username: user, password, ca } = server
  const admin = new pg.Pool({ host, port, user, password, database: 'postgres', ssl: { ca }, max: 4 })
  admin.on('error', () => {})
  await admin.query('CREATE TABLE exam (tag text)')
  await admin.query('CREATE INDEX ON exam (tag)')
  await admin.query('GRANT ALL ON exam TO PUBLIC')
  const address = { engine: 'postgres', host, port, dbname: 'postgres' }
  const living = async (ids: readonly number[]): Promise<number> => {
    const { rows } = await admin.query('SELECT count(*)::int AS n FROM pg_stat_activity WHERE pid = ANY ($1)', [ids])
    return rows[0].n
  }
  return {
    name: 'PostgreSQL',
    ca,
    statements: {
      plain: 'SELECT 1 AS answer',
      prepared: 'SELECT $1::int + 1 AS answer',
      session: 'SELECT pg_backend_pid() AS answer',
      insert: 'INSERT INTO exam (tag) VALUES ($1)',
      count: 'SELECT count(*)::int AS answer FROM exam WHERE tag = $1',
    },
    async makeUser() {
      const [username, password] = [`app_${randomUUID().slice(0, 8)}`, randomUUID()]
      await admin.query(`CREATE ROLE ${username} LOGIN PASSWORD '${password}'`)
      return { ...address, username, password }
    },
    masterSecret: () => ({ ...address, username: user, password }),
    engine: () => postgres({ pg, ca }),
    async mark() {
      const { rows } = await admin.query('SELECT extract(epoch FROM clock_timestamp())::float8 AS now')
      return rows[0].now
    },
    async sessions(users) {
      const { rows } = await admin.query(
        `SELECT pid AS id, usename AS user, extract(epoch FROM backend_start)::float8 AS born
         FROM pg_stat_activity WHERE usename = ANY ($1)`,
        [users],
      )
      return rows as Session[]
    },
    async kill(ids) {
      await admin.query('SELECT pg_terminate_backend(pid) FROM unnest($1::int[]) AS pid', [ids])
      while ((await living(ids)) > 0);
    },
    refusedLogins(users) {
      const log = readLog(server)
      return users.reduce((sum, user) => sum + log.split(`password authentication failed for user "${user}"`).length - 1, 0)
    },
    async limitConnections(name, most = -1) {
      await admin.query(`ALTER ROLE ${name} CONNECTION LIMIT ${most}`)
    },
    async letsIn({ username, password }) {
      const client = await connectPostgres(server, { user: username, password }).catch(() => undefined)
      await client?.end()
      return client !== undefined
    },
    async stop() {
      await admin.end()
      await server.stop()
    },
  }
}
