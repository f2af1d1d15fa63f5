import type { SchemaIssue, SchemaResult, StandardSchema } from './standard-schema.js'

/** A secret in the format that Secrets Manager uses for databases. Fields that are not listed here are kept. */
export interface DatabaseSecret {
  /** The user to log in as. */
  username: string
  /** The password of the user. */
  password: string
  /** The database engine, such as `postgres`. */
  engine?: string
  /** The host name of the database. */
  host?: string
  /** The port: a number, also if the secret has it as text. */
  port?: number
  /** The name of the database. */
  dbname?: string
  /** Whether to connect over TLS: a boolean, also if the secret has it as text. */
  ssl?: boolean
  /** The ARN of the secret of the user that may change this user's password. */
  masterarn?: string
  /** Any other field of the secret. */
  [field: string]: unknown
}

type Reading = { value: unknown } | { expected: string }

const text = (value: unknown): Reading => (typeof value === 'string' ? { value } : { expected: 'a string' })

const filledText = (value: unknown): Reading =>
  typeof value === 'string' && value !== '' ? { value } : { expected: 'a string that is not empty' }

function port(value: unknown): Reading {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value
  const isPort = Number.isInteger(number) && (number as number) >= 1 && (number as number) <= 65_535
  return isPort ? { value: number } : { expected: 'a port number' }
}

function flag(value: unknown): Reading {
  if (typeof value === 'boolean') return { value }
  if (value === 'true' || value === 'false') return { value: value === 'true' }
  return { expected: 'true or false' }
}

const required = { username: filledText, password: filledText }
const optional = { engine: text, host: filledText, port, dbname: text, ssl: flag, masterarn: text }

function validate(secret: unknown): SchemaResult<DatabaseSecret> {
  if (typeof secret !== 'object' || secret === null || Array.isArray(secret))
    return { issues: [{ message: 'expected an object' }] }
  const issues: SchemaIssue[] = []
  // Spread and not Object.assign, so that a field called __proto__ stays a field.
  const output: Record<string, unknown> = { ...secret }
  for (const [field, read] of Object.entries({ ...required, ...optional })) {
    if (!Object.hasOwn(output, field) && !Object.hasOwn(required, field)) continue
    const reading = read(output[field])
    if ('value' in reading) output[field] = reading.value
    else issues.push({ message: `expected ${reading.expected}`, path: [field] })
  }
  return issues.length > 0 ? { issues } : { value: output as DatabaseSecret }
}

/**
 * The schema of a database secret, for `getSecretJson` and `handle`.
 *
 * `username` and `password` are required, `port` and `ssl` may be text, and unknown fields are kept. A read of a secret that does not
 * match rejects with ERR_SECRET_SCHEMA.
 *
 * @example
 * const { username, password, port = 5432 } = await secrets.getSecretJson('prod/db', DatabaseSecret)
 */
export const DatabaseSecret: StandardSchema<DatabaseSecret> = Object.freeze({
  '~standard': Object.freeze({ version: 1, vendor: 'awscurrent', validate }),
})
