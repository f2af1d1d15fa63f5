import { DatabaseSecret } from '../../core/secrets/database-secret.js'
import { rotationError } from '../rotation-error.js'
import type { Database, Login } from './database.js'

/** The secret of a database user, read for a rotation. */
export interface RotatedSecret {
  /** All fields of the secret, unchanged. */
  fields: Readonly<Record<string, unknown>>
  login: Login
  masterarn: string | undefined
}

/** The secret that is read, and the database that it is for. */
export interface SecretReading {
  secretId: string
  database: Pick<Database, 'engines' | 'defaultPort'>
}

/** Reads the secret of a database user. The messages are those of AWS's templates where these have one. */
export function readDatabaseSecret(text: string, reading: SecretReading): RotatedSecret {
  const { fields, values } = parseDatabaseSecret(text, reading)
  const { username, password, host, port = reading.database.defaultPort, dbname, masterarn } = values
  if (host === undefined) throw missing('host', reading.secretId)
  return { fields, login: { host, port, username, password, dbname, tls: wantsTls(fields) }, masterarn }
}

/** Whether to log in with TLS: only `false` itself gives it up, although `ssl` may also be text. */
export function wantsTls(fields: Readonly<Record<string, unknown>>): boolean {
  return fields.ssl !== false
}

/** The fields of the secret, unchanged and converted: a port may be text. */
export function parseDatabaseSecret(
  text: string,
  { secretId, database }: SecretReading,
): { fields: Record<string, unknown>; values: DatabaseSecret } {
  const fields = parseObject(text, secretId)
  const { engine } = fields
  if (engine !== undefined && !database.engines.includes(engine as string)) {
    const [name] = database.engines
    throw rotationError({
      message: `Database engine must be set to '${name}' in order to use this rotation lambda`,
      secretId,
      hint: `This function's engine rotates ${database.engines.join(' and ')}.`,
    })
  }
  const result = DatabaseSecret['~standard'].validate(fields)
  // Never a promise, because the schema is our own.
  if ('value' in result) return { fields, values: result.value }
  const [issue] = 'issues' in result ? (result.issues ?? []) : []
  const field = String(issue?.path?.[0])
  if (fields[field] === undefined) throw missing(field, secretId)
  throw rotationError({ message: `${field} of secret JSON is invalid: ${issue?.message}`, secretId })
}

function parseObject(text: string, secretId: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch {
    // V8's message would quote the secret.
  }
  throw rotationError({ message: `The secret ${secretId} is not a JSON object.`, secretId })
}

/** The error for a missing field. */
export function missing(field: string, secretId: string): Error {
  return rotationError({ message: `${field} key is missing from secret JSON`, secretId })
}

/** A previous version that is not a secret of this database counts as none: only the current one matters. */
export function readIfUsable(text: string | undefined, reading: SecretReading): RotatedSecret | undefined {
  try {
    return text === undefined ? undefined : readDatabaseSecret(text, reading)
  } catch {
    return undefined
  }
}
