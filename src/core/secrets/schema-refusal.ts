import { SecretCacheError } from '../failures/errors.js'
import type { SchemaIssue, StandardSchema } from './standard-schema.js'

type Path = readonly PropertyKey[]

/** The most issues to look at: a long array may have one for each of its items. */
const mostLookedAt = 100
const mostShown = 10

/** Placeholders for a key that the schema does not name, and for an item of an array. */
const unnamed = '?'
const anyItem = '*'
const whole = 'the secret as a whole'

/**
 * The error for a value that a schema rejects. It names the fields but not the validator's messages, most of which quote the value.
 *
 * The keys of a secret are part of its value, and the path of an issue does not show whether a key comes from the schema or from the
 * secret: records, strict objects and rules for additional keys report those of the secret. So only keys are shown that the schema knows
 * without the secret: those that it reports missing in an empty object, and those that its JSON Schema lists, if it has one.
 */
export function schemaRefusal(schema: StandardSchema, secretId: string, issues: readonly SchemaIssue[]): SecretCacheError {
  const nameOf = namer(schema)
  const fields = [...new Set(issues.slice(0, mostLookedAt).map(({ path = [] }) => nameOf(path.map(keyOf))))]
  const more =
    issues.length > mostLookedAt ? ' and more' : fields.length > mostShown ? ` and ${fields.length - mostShown} more` : ''
  const isUnnamed = fields.some(field => field.includes(unnamed))
  return new SecretCacheError({
    code: 'ERR_SECRET_SCHEMA',
    message: `The current version of ${secretId} is not what the schema expects${fields.length === 0 ? '' : `: see ${fields.slice(0, mostShown).join(', ')}${more}`}.`,
    secretId,
    hint: `The validator's own words are left out because they may quote the secret${isUnnamed ? "; ? stands for a key that may be the secret's own" : ''}.`,
  })
}

/** Returns a function that names paths. The schema is called once for each place. */
function namer(schema: StandardSchema): (path: Path) => string {
  // The schemas of this package report only keys that they define, none of them nested.
  if (schema['~standard'].vendor === 'awscurrent') return ([field = whole]) => String(field)
  const known = new Map<string, ReadonlySet<PropertyKey>>()
  const keysAt = (place: Path): ReadonlySet<PropertyKey> => {
    const key = JSON.stringify(place)
    const keys = known.get(key) ?? new Set([...keysMissedAt(schema, place), ...keysListedAt(schema, place)])
    known.set(key, keys)
    return keys
  }
  return path => {
    const words: string[] = []
    const place: PropertyKey[] = []
    for (const key of path) {
      if (typeof key === 'number') words.push(anyItem)
      else words.push(isName(key) && keysAt(place).has(key) ? key : unnamed)
      // A key that may be the secret's own is not passed on to the schema; any other key leads to the same place.
      place.push(typeof key === 'number' ? 0 : words.at(-1) === unnamed ? unnamed : key)
    }
    return words.join('.') || whole
  }
}

/** The keys that a schema reports missing in an empty object. Empty if it reports none, is asynchronous or throws. */
function keysMissedAt(schema: StandardSchema, place: Path): ReadonlySet<PropertyKey> {
  try {
    const result = schema['~standard'].validate(nested(place))
    if (result instanceof Promise) result.catch(() => {})
    const { issues } = result as { issues: readonly SchemaIssue[] }
    const paths = issues.map(({ path = [] }) => path.map(keyOf))
    return new Set(paths.filter(path => isBelow(path, place)).map(path => path[place.length] as PropertyKey))
  } catch {
    return new Set()
  }
}

/** The part of JSON Schema that is read here; any member may be missing. */
interface JsonSchema {
  readonly properties: Readonly<Record<string, JsonSchema>>
  readonly items: JsonSchema
}

/** The keys that a schema lists, optional ones too. zod and arktype implement Standard JSON Schema, which cannot express every schema. */
function keysListedAt(schema: StandardSchema, place: Path): string[] {
  const standard = schema['~standard'] as unknown as { jsonSchema: { input(options: { target: string }): JsonSchema } }
  try {
    let part = standard.jsonSchema.input({ target: 'draft-2020-12' })
    for (const key of place) part = (key === 0 ? part.items : part.properties[String(key)]) as JsonSchema
    return Object.keys(part.properties)
  } catch {
    // Some part of the path to that place is missing.
    return []
  }
}

/** An empty object at a place, inside objects and arrays that contain nothing else. */
function nested(place: Path): unknown {
  return place.reduceRight<unknown>((inner, key) => (key === 0 ? [inner] : { [key]: inner }), {})
}

/** A schema may have kept keys of the secret that it validated, so a key that does not look like a name is never shown. */
function isName(key: PropertyKey): key is string {
  return typeof key === 'string' && /^[\w$-]{1,64}$/.test(key)
}

function isBelow(path: Path, place: Path): boolean {
  return place.every((key, index) => path[index] === key)
}

function keyOf(segment: NonNullable<SchemaIssue['path']>[number]): PropertyKey {
  return typeof segment === 'object' ? segment.key : segment
}
