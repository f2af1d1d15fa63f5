import { DatabaseSecret } from '../core/secrets/database-secret.js'
import type { Secret } from '../core/secrets/secret.js'
import type { ExpiringLogin, LoginSource } from './login-source.js'

/** The login that one version of a database secret contains. Connections are tagged with it. */
export interface Login {
  readonly versionId: string
  readonly user: string
  readonly password: string
  readonly host: string | undefined
  readonly port: number | undefined
  readonly database: string | undefined
  readonly ssl: boolean | undefined
  /** Whether it comes from a source of logins, whose passwords are tokens. */
  readonly isIssued?: boolean
  /** Whether it must be sent over TLS only. */
  readonly tlsOnly?: boolean
  /** How long the server keeps a connection. */
  readonly sessionMs?: number | undefined
  /** Until when the user exists, in milliseconds since the epoch. */
  readonly accountUntil?: number | undefined
}

/** The login that the option `login` returns for a secret in another form. */
export interface LoginFields {
  /** The user to log in as. */
  user: string
  /** The password of the user. */
  password: string
  /** The host of the database. @default the value in the driver's options */
  host?: string | undefined
  /** The port of the database. @default the value in the driver's options */
  port?: number | undefined
  /** The database to use. @default the value in the driver's options */
  database?: string | undefined
  /** Whether to connect with TLS and check the server's certificate. @default the value in the driver's options */
  ssl?: boolean | undefined
}

/** Throws ERR_SECRET_FORMAT or ERR_SECRET_SCHEMA, with the secret and the field, if the secret is not a database secret. */
export function loginOf(secret: Secret): Login {
  return loginFrom(secret.json(DatabaseSecret), secret)
}

export function loginFrom(fields: DatabaseSecret, { versionId }: Secret): Login {
  const { username: user, password, host, port, dbname: database, ssl } = fields
  return { versionId, user, password, host, port, database, ssl }
}

/** The login that a source has issued. Where the source demands TLS, so does the login. */
export function loginFromSource(issued: ExpiringLogin, { server, requiresTls }: LoginSource): Login {
  const { id: versionId, username: user, password, sessionMs, accountUntil } = issued
  const { host, port, database } = server ?? {}
  const tlsOnly = requiresTls === true
  const address = { host, port, database, ssl: tlsOnly || undefined }
  return { versionId, user, password, ...address, isIssued: true, tlsOnly, sessionMs, accountUntil }
}

/** Whether the two are the same to a database: connections of one are then as good as those of the other. */
export function sameLogin(one: Login, other: Login): boolean {
  return sameAccount(one, other) && one.password === other.password
}

/** Whether both are for one user of one server. */
export function sameAccount(one: Login, other: Login): boolean {
  return (
    one.user === other.user &&
    one.host === other.host &&
    one.port === other.port &&
    one.database === other.database &&
    one.ssl === other.ssl
  )
}
