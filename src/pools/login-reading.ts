import { isSecretCacheError, SecretCacheError } from '../core/failures/errors.js'
import { hasMethod } from '../core/options/check-options.js'
import { DatabaseSecret } from '../core/secrets/database-secret.js'
import type { Secret } from '../core/secrets/secret.js'
import type { SchemaResult } from '../core/secrets/standard-schema.js'
import { checkEngine, type Database } from './engine.js'
import type { Reading } from './followed-secret.js'
import { type Login, type LoginFields, loginFrom, sameAccount } from './login.js'

type LoginFunction = (secret: Secret) => LoginFields

/** How the secrets of a pool are read: in the form of Secrets Manager, or with the user's function, for which `engine` is not checked. */
export function readingOf({
  secretId,
  login,
  database,
}: {
  secretId: string
  login?: LoginFunction | undefined
  database: Database
}): Reading<Login> {
  if (login !== undefined) return { sameAccount, loginOf: secret => loginBy(login, secret, secretId) }
  return {
    sameAccount,
    loginOf(secret) {
      const fields = databaseSecret(secret, secretId)
      checkEngine(database, fields.engine, secretId)
      return loginFrom(fields, secret)
    },
  }
}

/** The fields of a secret in the usual form. No error tells anything but the names of those fields. */
function databaseSecret(secret: Secret, secretId: string): DatabaseSecret {
  try {
    return secret.json(DatabaseSecret) as DatabaseSecret
  } catch (error) {
    if (!isSecretCacheError(error)) throw error
    const message = `The secret ${secretId} ${error.code === 'ERR_SECRET_SCHEMA' ? lackOf(secret) : notAnObject}.`
    const hint = 'For a secret in another form, pass the option login.'
    throw new SecretCacheError({ code: error.code, message, secretId, cause: error, hint })
  }
}

const notAnObject = 'is not a JSON object with username and password'

function lackOf(secret: Secret): string {
  const { issues = [] } = DatabaseSecret['~standard'].validate(secret.json()) as SchemaResult<DatabaseSecret>
  const fields = issues.flatMap(({ path = [] }) => path.map(String))
  return fields.length === 0 ? notAnObject : `has no valid ${fields.join(', ')}`
}

/** The return value of the function is checked like a secret. */
function loginBy(login: LoginFunction, secret: Secret, secretId: string): Login {
  const fail = (what: string): never => {
    throw new SecretCacheError({ code: 'ERR_SECRET_FORMAT', message: `The option login ${what} for ${secretId}.`, secretId })
  }
  let fields: object
  try {
    fields = inUsualForm(login(secret))
  } catch {
    // Its error, or that of a getter of the returned object, may quote the secret.
    return fail('has thrown an error')
  }
  const result = DatabaseSecret['~standard'].validate(fields) as SchemaResult<DatabaseSecret>
  if (result.issues === undefined) return loginFrom(result.value, secret)
  const wrong = result.issues.flatMap(({ path = [] }) => path.map(field => ownNames[String(field)] ?? String(field)))
  return fail(
    `must return { user, password, host?, port?, database?, ssl? }, not a promise; see ${wrong.join(', ')} of what it returned`,
  )
}

/** The fields that have another name in `LoginFields` than in a secret. */
const ownNames: Readonly<Record<string, keyof LoginFields>> = { username: 'user', dbname: 'database' }

function inUsualForm(returned: unknown): object {
  // Nothing else handles its rejection.
  if (hasMethod(returned, 'then')) Promise.resolve(returned).catch(() => {})
  const { user: username, password, host, port, database: dbname, ssl } = (returned ?? {}) as Partial<LoginFields>
  const fields = Object.entries({ username, password, host, port, dbname, ssl })
  // A URL has an empty string for each part that is missing.
  return Object.fromEntries(fields.filter(([, value]) => value !== undefined && value !== null && (value as unknown) !== ''))
}
