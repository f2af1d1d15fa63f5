import { SecretCacheError } from '../core/failures/errors.js'

/** The databases whose secrets are distinguished. */
export type Database = 'PostgreSQL' | 'MySQL or MariaDB' | 'Redis'

/** The values of `engine` that the service, the RDS templates and users write. An unlisted value may belong to any database. */
const databases: readonly (readonly [Database | undefined, RegExp])[] = [
  ['PostgreSQL', /^(?:aurora-)?postgres(?:ql)?$|^redshift$/i],
  ['MySQL or MariaDB', /^(?:aurora-)?mysql$|^mariadb$|^aurora$/i],
  ['Redis', /^(?:redis|valkey)$/i],
  [undefined, /^(?:custom-)?(?:sqlserver|oracle|db2)(?:-|$)|^(?:mongo|mongodb|docdb|documentdb)$/i],
]

/** Whether a secret names the engine of another database. False without an engine or with an unknown one. */
export function isOfOther(database: Database, engine: unknown): boolean {
  if (typeof engine !== 'string') return false
  const found = databases.find(([, words]) => words.test(engine))
  return found !== undefined && found[0] !== database
}

/** Throws ERR_SECRET_SCHEMA if a secret names the engine of another database: its password must not be sent to this one. */
export function checkEngine(database: Database, engine: unknown, secretId: string): void {
  if (!isOfOther(database, engine)) return
  throw new SecretCacheError({
    code: 'ERR_SECRET_SCHEMA',
    message: `The engine in the current version of ${secretId} is not ${database}.`,
    secretId,
    hint: `Use the driver of that database. If the database is ${database}, correct the engine in the secret, or read the secret with the option login.`,
  })
}
