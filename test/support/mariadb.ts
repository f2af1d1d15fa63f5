import { type MysqlServer, type MysqlServerOptions, startMysqlServer } from './mysql-server.js'
import { findProgram } from './server-process.js'

/** Starts MariaDB in a temporary folder, TCP with and without TLS. */
export async function startMariadb(options: MysqlServerOptions = {}): Promise<MysqlServer> {
  const program = {
    name: 'mariadb',
    program: findProgram('mariadbd', 'mariadb-server'),
    install: ({ data, tmpdir }: { data: string; tmpdir: string }) =>
      [
        'mariadb-install-db',
        '--no-defaults',
        `--datadir=${data}`,
        `--tmpdir=${tmpdir}`,
        '--skip-test-db',
        '--auth-root-authentication-method=normal',
      ] as const,
    flags: {},
    // It has TLS only where it is given a certificate.
    withoutTls: {},
  }
  return startMysqlServer(program, options)
}
