import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PostgresAddress } from './postgres.js'
import { findProgram, giveAway, makeServerFolder, type ServerProcess, startServer } from './server-process.js'

/** Starts PgBouncer in front of a PostgreSQL, without TLS. Whoever logs in is looked up at the server, by SCRAM. */
export async function startPgbouncer(
  { port: serverPort, username, password }: PostgresAddress,
  settings: { pool_mode: 'transaction' | 'session' } & Readonly<Record<string, string>>,
): Promise<ServerProcess> {
  const folder = makeServerFolder('pgbouncer')
  const [configFile, usersFile] = [join(folder, 'pgbouncer.ini'), join(folder, 'users.txt')]
  writeFileSync(usersFile, `"${username}" "${password}"\n`)
  giveAway(usersFile)
  const configure = (port: number): void => {
    const all = {
      listen_addr: '127.0.0.1',
      listen_port: String(port),
      unix_socket_dir: '',
      auth_type: 'scram-sha-256',
      auth_file: usersFile,
      auth_user: username,
      auth_query: 'SELECT usename, passwd FROM pg_shadow WHERE usename = $1',
      ...settings,
    }
    const lines = Object.entries(all).map(([name, value]) => `${name} = ${value}`)
    const database = `* = host=127.0.0.1 port=${serverPort}`
    writeFileSync(configFile, ['[databases]', database, '[pgbouncer]', ...lines, ''].join('\n'))
    giveAway(configFile)
  }
  return startServer({
    program: findProgram('pgbouncer', 'pgbouncer'),
    args(port) {
      configure(port)
      return [configFile]
    },
    folder,
    ready: 'process up',
    endSignal: 'SIGTERM',
  })
}
