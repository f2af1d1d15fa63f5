import { isSecretCacheError, SecretCacheError } from '../failures/errors.js'
import { frozenCopy } from './frozen-copy.js'
import { schemaRefusal } from './schema-refusal.js'
import { isStandardSchema, type SchemaResult, type StandardSchema } from './standard-schema.js'

/** Parses a secret's text. The message of V8's SyntaxError would quote it, so the error here has no cause. */
export function parseJson(text: string, secretId: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new SecretCacheError({
      code: 'ERR_SECRET_FORMAT',
      message: `The secret ${secretId} is not valid JSON.`,
      secretId,
      hint: 'Its text can still be read by getSecretString.',
    })
  }
}

/** Validates a value by a schema. Returns a promise only if the schema does. */
export function validate(schema: StandardSchema, value: unknown, secretId: string): unknown {
  if (!isStandardSchema(schema)) throw noSchema(secretId)
  let result: SchemaResult<unknown> | Promise<SchemaResult<unknown>>
  try {
    result = schema['~standard'].validate(value)
    if (!isThenable(result)) return conclude(schema, result, secretId)
  } catch (error) {
    throw isSecretCacheError(error) ? error : brokenSchema(secretId)
  }
  return Promise.resolve(result).then(
    answer => conclude(schema, answer, secretId),
    () => {
      throw brokenSchema(secretId)
    },
  )
}

/** If the result itself is malformed, the error repeats nothing of it, because it may quote the secret. */
function conclude(schema: StandardSchema, result: SchemaResult<unknown>, secretId: string): unknown {
  let refused: SecretCacheError
  try {
    if (result.issues === undefined) return frozenCopy(result.value)
    refused = schemaRefusal(schema, secretId, result.issues)
  } catch {
    throw brokenSchema(secretId)
  }
  throw refused
}

function isThenable<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof (value as { then?: unknown }).then === 'function'
}

function noSchema(secretId: string): SecretCacheError {
  return new SecretCacheError({
    code: 'ERR_SECRET_SCHEMA',
    message: `The schema for ${secretId} does not implement Standard Schema.`,
    secretId,
    hint: 'zod, valibot and arktype have such schemas. Options of the read are a plain object.',
  })
}

function brokenSchema(secretId: string): SecretCacheError {
  return new SecretCacheError({
    code: 'ERR_SECRET_SCHEMA',
    message: `The schema for ${secretId} threw an exception.`,
    secretId,
    hint: "The validator's own words are left out because they may quote the secret; try the schema on a made-up value.",
  })
}
