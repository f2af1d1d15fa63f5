import { isSecretCacheError, SecretCacheError } from '../failures/errors.js'
import { frozenCopy } from './frozen-copy.js'
import { schemaRefusal } from './schema-refusal.js'
import { isStandardSchema, type SchemaResult, type StandardSchema } from './standard-schema.js'

/** Parses a secret's text. The error says nothing of it: V8's own message would quote it. */
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

/** Lets a schema judge a value. The outcome is a promise only if the schema answers with one. */
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

/** Whatever is wrong with the answer itself, nothing that it may quote gets out. */
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
