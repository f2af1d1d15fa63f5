import { randomUUID } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import mysql from 'mysql2/promise'
import { run } from './run.js'
import { giveAway, makeCertificate, makeServerFolder, startServer, unprivileged } from './server-process.js'

/** How to reach a MySQL or a MariaDB; plain data, so that a suite's setup can hand it to its tests. */
export interface MysqlAddress {
  host: 'localhost'
  port: number
  /** A user who may do everything, from anywhere. */
  username: 'admin'
  password: string
  /** The certificate to trust. */
  ca: string
  /** Where it logs every statement, or, if it does not, its warnings: of refused logins, in both. */
  logFile: string
}

/** A running MySQL or MariaDB of a test's own. */
export interface MysqlServer extends MysqlAddress {
  /** Ends it and starts it again, on the same port with the same data. */
  restart(): Promise<void>
  stop(): Promise<void>
}

export interface MysqlServerOptions {
  tls?: boolean
  certificateFor?: string
  logStatements?: boolean
  /** Further options of the server, by their names. */
  flags?: Readonly<Record<string, string>>
}

/** What a MySQL and a MariaDB are started with differently. */
export interface MysqlProgram {
  name: string
  program: string
  /** The command that makes the folder of the data. */
  install(folders: { data: string; tmpdir: string }): readonly [command: string, ...args: string[]]
  flags: Readonly<Record<string, string>>
  withoutTls: Readonly<Record<string, string>>
}

/** Starts a server in a temporary folder, TCP with and without TLS. */
export async function startMysqlServer(
  { name, program, install, flags: ownFlags, withoutTls }: MysqlProgram,
  { tls = true, certificateFor = 'localhost', logStatements = true, flags: moreFlags = {} }: MysqlServerOptions,
): Promise<MysqlServer> {
  const folder = makeServerFolder(name)
  const data = join(folder, 'data')
  // Of its own: a server that starts clears the tables of all others out of a shared one.
  const tmpdir = join(folder, 'tmp')
  for (const path of [data, tmpdir]) {
    mkdirSync(path)
    giveAway(path)
  }
  const [command, ...args] = install({ data, tmpdir })
  run(command, args, { cwd: folder, ...unprivileged })
  const { keyFile, certificateFile, certificate } = makeCertificate(folder, certificateFor)
  const password = randomUUID()
  const initFile = join(folder, 'init.sql')
  writeFileSync(
    initFile,
    `CREATE USER IF NOT EXISTS admin@'%' IDENTIFIED BY '${password}';\nGRANT ALL PRIVILEGES ON *.* TO admin@'%' WITH GRANT OPTION;\n`,
  )
  giveAway(initFile)
  const statementLog = join(folder, 'statements.log')
  const flags = {
    datadir: data,
    tmpdir,
    socket: join(folder, 'socket'),
    'pid-file': join(folder, 'pid'),
    'bind-address': '127.0.0.1',
    'init-file': initFile,
    ...(logStatements && { 'general-log': '1', 'general-log-file': statementLog }),
    ...(tls ? { 'ssl-cert': certificateFile, 'ssl-key': keyFile } : withoutTls),
    'innodb-flush-log-at-trx-commit': '0',
    'max-connections': '200',
    ...ownFlags,
    ...moreFlags,
  }
  const server = await startServer({
    program,
    args: port => [
      '--no-defaults',
      '--skip-name-resolve',
      `--port=${port}`,
      ...Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`),
    ],
    folder,
    ready: 'ready for connections',
    endSignal: 'SIGTERM',
  })
  const logFile = logStatements ? statementLog : server.logFile
  const { port, restart, stop } = server
  return { host: 'localhost', port, username: 'admin', password, ca: certificate, logFile, restart, stop }
}

/** A connection to a server, as its administrator unless another user is named. The caller ends it. */
export async function connectMysql(
  { host, port, username, password, ca }: MysqlAddress,
  as: { user?: string; password?: string; database?: string } = {},
): Promise<mysql.Connection> {
  const ssl = { ca, rejectUnauthorized: true, verifyIdentity: true }
  return mysql.createConnection({ host, port, user: username, password, ssl, ...as })
}
