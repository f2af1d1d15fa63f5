import { SecretCacheError } from '../failures/errors.js'
import { parseJson } from '../secrets/json.js'

/**
 * One field of a secret's JSON as text: the characters of a string, and anything else exactly as written in the secret. A number that is
 * parsed and printed again may change: 12345678901234567890, or 1.0.
 */
export function fieldAsText(text: string, key: string, secretId: string): string {
  const json = parseJson(text, secretId)
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw noField(secretId, `The JSON of ${secretId} is not an object, so it has no field "${key}".`)
  const value: unknown = Object.hasOwn(json, key) ? (json as Record<string, unknown>)[key] : undefined
  if (value === undefined) throw noField(secretId, `The JSON of ${secretId} has no field "${key}".`)
  if (value === null) throw noField(secretId, `The field "${key}" of ${secretId} is null.`)
  return typeof value === 'string' ? value : sourceOf(text, key)
}

/** The closing quotation mark always exists; it is optional in the pattern only to avoid backtracking. */
const token = /"(?:[^"\\]+|\\.)*"?|[{}[\],:]|[^\s{}[\],:"]+/g

/** The source text of a field of the outermost object. The text must be the JSON of an object that has the field. */
function sourceOf(text: string, key: string): string {
  let depth = 0
  let before = ''
  let name = ''
  let start = 0
  let source = ''
  for (const { 0: part, index } of text.matchAll(token)) {
    const closes = part === '}' || part === ']'
    // If two fields have the same name, the last one counts, as with JSON.parse.
    if (depth === 1 && (part === ',' || closes) && JSON.parse(name) === key) source = text.slice(start, index).trim()
    if (depth === 1 && part === ':') {
      name = before
      start = index + 1
    }
    if (closes) depth -= 1
    if (part === '{' || part === '[') depth += 1
    before = part
  }
  return source
}

function noField(secretId: string, message: string): SecretCacheError {
  return new SecretCacheError({ code: 'ERR_SECRET_FORMAT', message, secretId })
}
