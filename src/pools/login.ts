import { DatabaseSecret } from '../core/secrets/database-secret.js'
import type { Secret } from '../core/secrets/secret.js'

/** What one version of a database's secret logs in with, all of it from that version. Connections are tagged with it. */
export interface Login {
  readonly versionId: string
  readonly user: string
  readonly password: string
  readonly host: string | undefined
  readonly port: number | undefined
  readonly database: string | undefined
  readonly ssl: boolean | undefined
}

/** What a function of the user makes of a secret that has another form. */
export interface LoginFields {
  /** The user to log in as. */
  user: string
  /** The password of the user. */
  password: string
  /** Where the database answers. @default what the driver's options say */
  host?: string | undefined
  /** The port of the database. @default what the driver's options say */
  port?: number | undefined
  /** The database to use. @default what the driver's options say */
  database?: string | undefined
  /** Whether to connect by TLS, with the server's certificate checked. @default what the driver's options say */
  ssl?: boolean | undefined
}

/** Throws ERR_SECRET_FORMAT or ERR_SECRET_SCHEMA, naming secret and field, if the secret is not a database's. */
export function loginOf(secret: Secret): Login {
  return loginFrom(secret.json(DatabaseSecret), secret)
}

export function loginFrom(fields: DatabaseSecret, { versionId }: Secret): Login {
  const { username: user, password, host, port, dbname: database, ssl } = fields
  return { versionId, user, password, host, port, database, ssl }
}

/** Whether a database cannot tell the two apart: then connections of the one are as good as the other's. */
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
