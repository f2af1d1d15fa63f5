import { isPlainObject } from './plain-object.js'

/**
 * A schema of any library that follows Standard Schema v1: zod, valibot, arktype, `DatabaseSecret` of this package, or your own.
 *
 * The type has only the members that the cache uses, so you need no schema library to compile against this package.
 */
export interface StandardSchema<Output = unknown> {
  /** The members that the specification requires of a schema. */
  readonly '~standard': {
    /** The version of the specification. */
    readonly version: 1
    /** The library that made the schema. */
    readonly vendor: string
    /** Validates a value, synchronously or with a promise. */
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>
    /** The types of the schema; they do not exist at run time. */
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined
  }
}

/** The result of a validation: the output value, or the issues. */
export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] }

/** One issue that a schema found in a value. */
export interface SchemaIssue {
  /** The message of the validator. It may quote the value, so the cache never repeats it. */
  readonly message: string
  /** The path of the field that has the issue. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/** The output type of a schema. */
export type OutputOf<Schema> = Schema extends StandardSchema<infer Output> ? Output : never

/** Distinguishes a schema, or something that was meant to be one, from options. */
export function isSchemaOrNone<Options>(value: StandardSchema | Options | undefined): value is StandardSchema | undefined {
  return typeof value !== 'object' || value === null || '~standard' in value || !isPlainObject(value)
}

export function isStandardSchema(value: unknown): value is StandardSchema {
  // The schemas of arktype are functions.
  const standard = (value as { '~standard'?: { validate?: unknown } } | null | undefined)?.['~standard']
  return typeof standard?.validate === 'function'
}
