import { SecretCacheError } from '../core/failures/errors.js'
import { DatabaseSecret } from '../core/secrets/database-secret.js'
import type { Secret } from '../core/secrets/secret.js'
import type { Reading } from './followed-secret.js'

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
  user: string
  password: string
  host?: string | undefined
  port?: number | undefined
  database?: string | undefined
  ssl?: boolean | undefined
}

/** Throws ERR_SECRET_FORMAT or ERR_SECRET_SCHEMA, naming secret and field, if the secret is not a database's. */
export function loginOf(secret: Secret): Login {
  const { username: user, password, host, port, dbname: database, ssl } = secret.json(DatabaseSecret)
  return { versionId: secret.versionId, user, password, host, port, database, ssl }
}

/** How the secrets of a pool are read: in the form of Secrets Manager, or by a function of the user. */
export function readingOf({
  secretId,
  login,
}: {
  secretId: string
  login?: ((secret: Secret) => LoginFields) | undefined
}): Reading<Login> {
  return { sameAccount, loginOf: login === undefined ? loginOf : secret => loginBy(login, secret, secretId) }
}

function loginBy(login: (secret: Secret) => LoginFields, secret: Secret, secretId: string): Login {
  const fail = (what: string): never => {
    throw new SecretCacheError({ code: 'ERR_SECRET_FORMAT', message: `The option login ${what} for ${secretId}.`, secretId })
  }
  let fields: Partial<LoginFields>
  try {
    fields = login(secret) ?? {}
  } catch {
    // What it throws may quote the secret.
    return fail('has thrown an error')
  }
  const { user, password, host, port, database, ssl } = fields
  if (!isFilled(user) || !isFilled(password))
    return fail('must return { user, password }, both strings that are not empty; it did not')
  return { versionId: secret.versionId, user, password, host, port, database, ssl }
}

function isFilled(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
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
