import type { Secret } from '../core/secrets/secret.js'
import type { SchemaIssue, SchemaResult, StandardSchema } from '../core/secrets/standard-schema.js'
import { isOfOther } from './engine.js'

/** The credentials of a Redis client. */
export interface RedisUser {
  /** The user of the access control list. @default `default` */
  readonly username?: string
  /** The password of the user. */
  readonly password: string
}

const schema: StandardSchema<RedisUser> = { '~standard': { version: 1, vendor: 'awscurrent', validate } }

function validate(secret: unknown): SchemaResult<RedisUser> {
  if (typeof secret !== 'object' || secret === null) return { issues: [{ message: 'expected an object' }] }
  const { username, password, engine } = secret as Record<string, unknown>
  const issues: SchemaIssue[] = []
  if (username !== undefined && !isFilled(username)) issues.push(missing('username'))
  if (!isFilled(password)) issues.push(missing('password'))
  if (isOfOther('Redis', engine)) issues.push({ message: 'expected Redis as engine, or none', path: ['engine'] })
  if (issues.length > 0) return { issues }
  return { value: { password, ...(username !== undefined && { username }) } as RedisUser }
}

function isFilled(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

function missing(field: string): SchemaIssue {
  return { message: 'expected a string that is not empty', path: [field] }
}

/** Throws ERR_SECRET_FORMAT or ERR_SECRET_SCHEMA, with the secret and the field, if the secret is not that of a Redis user. */
export function redisUserOf(secret: Secret): RedisUser {
  return secret.json(schema)
}
