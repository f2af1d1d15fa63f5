import { isPlainObject } from './plain-object.js'

/**
 * A schema of any library that follows Standard Schema v1: zod, valibot, arktype, `DatabaseSecret` of this package, or your own.
 *
 * Only what is called is typed here, so no schema library is needed to compile against this package.
 */
export interface StandardSchema<Output = unknown> {
  /** What the specification asks of a schema. */
  readonly '~standard': {
    /** The version of the specification. */
    readonly version: 1
    /** The library that made the schema. */
    readonly vendor: string
    /** Judges a value, at once or later. */
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>
    /** The types of the schema; not there at run time. */
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined
  }
}

/** What a schema says of a value: the value as it makes of it, or what is wrong. */
export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] }

/** One thing that is wrong. */
export interface SchemaIssue {
  /** What is wrong, in the words of the validator. It may quote the value, so the cache repeats none of it. */
  readonly message: string
  /** Where it is wrong. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/** The type that a schema puts out. */
export type OutputOf<Schema> = Schema extends StandardSchema<infer Output> ? Output : never

/** Tells a schema, or what was meant to be one, from options. */
export function isSchemaOrNone<Options>(value: StandardSchema | Options | undefined): value is StandardSchema | undefined {
  return typeof value !== 'object' || value === null || '~standard' in value || !isPlainObject(value)
}

export function isStandardSchema(value: unknown): value is StandardSchema {
  // arktype's schemas are functions.
  const standard = (value as { '~standard'?: { validate?: unknown } } | null | undefined)?.['~standard']
  return typeof standard?.validate === 'function'
}
