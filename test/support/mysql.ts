import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type MysqlServer, type MysqlServerOptions, startMysqlServer } from './mysql-server.js'

/** Starts MySQL in a temporary folder, TCP with and without TLS. */
export async function startMysql(options: MysqlServerOptions = {}): Promise<MysqlServer> {
  const mysqld = findMysqld()
  const program = {
    name: 'mysql',
    program: mysqld,
    install: ({ data, tmpdir }: { data: string; tmpdir: string }) =>
      [mysqld, '--no-defaults', '--initialize-insecure', `--datadir=${data}`, `--tmpdir=${tmpdir}`, ...unsafeButFast] as const,
    flags: {
      // Refused logins are notes.
      'log-error-verbosity': '3',
      'disable-log-bin': '1',
      'performance-schema': 'OFF',
      'innodb-doublewrite': 'OFF',
      'innodb-flush-method': 'nosync',
    },
    // It would make a certificate of its own.
    withoutTls: { 'tls-version': '' },
  }
  return startMysqlServer(program, options)
}

const unsafeButFast = ['--innodb-doublewrite=OFF', '--innodb-flush-method=nosync']

/** Where get-mysql.sh brings it. The program's own name is no help: Debian's MariaDB has it, too. */
function findMysqld(): string {
  const program = join(process.env.AWSCURRENT_MYSQL ?? join(tmpdir(), 'awscurrent-mysql-server'), 'mysqld')
  if (!existsSync(program)) throw new Error(`These tests need MySQL Server in ${program}: test/support/get-mysql.sh`)
  return program
}
