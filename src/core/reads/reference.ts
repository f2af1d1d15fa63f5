import { SecretCacheError } from '../failures/errors.js'
import { isArn } from '../secrets/secret-id.js'

/** A place in a secret, as a task definition or a template names it. */
export interface SecretReference {
  secretId: string
  jsonKey?: string
  versionStage?: string
  versionId?: string
}

const dynamicReference = /\{\{resolve:secretsmanager:([^{}]+)\}\}/g

/** What the name of a secret may be. A text of another form is none, and may be a password where a reference should be. */
const nameForm = /^[\w/+=.@!-]*$/

/** An ARN has seven parts; no name holds a colon. */
const partsOfArn = 7

/**
 * Replaces what refers to secrets in `text`: every `{{resolve:secretsmanager:…}}` of CloudFormation in it, or else the whole of it as
 * `valueFrom` of a container definition, which is an ARN with what may follow it, or a plain id.
 */
export async function resolveReferences(text: string, read: (reference: SecretReference) => Promise<string>): Promise<string> {
  if (!text.includes('{{')) return read(parseValueFrom(text))
  const found = [...text.matchAll(dynamicReference)]
  if (found.length === 0) throw malformed()
  // All are parsed before one is read: a read that was begun would have nobody left to hear of its failure.
  const references = found.map(([, inner = '']) => parseDynamic(inner))
  const values = await Promise.all(references.map(read))
  // A function: in a replacement text `$&` and the like would have a meaning.
  return text.replace(dynamicReference, () => values.shift() as string)
}

/** One value of a secret's JSON as text. */
export function fieldAsText(json: unknown, key: string, secretId: string): string {
  const isObject = typeof json === 'object' && json !== null && Object.hasOwn(json, key)
  const value: unknown = isObject ? (json as Record<string, unknown>)[key] : undefined
  if (value === undefined || value === null) {
    throw new SecretCacheError({ code: 'ERR_SECRET_FORMAT', message: `The JSON of ${secretId} has no field "${key}".`, secretId })
  }
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function parseValueFrom(text: string): SecretReference {
  if (!isArn(text) && !nameForm.test(text)) throw malformed()
  const parts = text.split(':')
  if (parts.length <= partsOfArn) return { secretId: text }
  return reference(parts.slice(0, partsOfArn).join(':'), parts.slice(partsOfArn))
}

function parseDynamic(inner: string): SecretReference {
  const parts = inner.split(':')
  const length = isArn(inner) ? partsOfArn : 1
  const [kind = '', ...rest] = parts.slice(length)
  if (kind !== '' && kind !== 'SecretString') throw malformed()
  return reference(parts.slice(0, length).join(':'), rest)
}

function reference(secretId: string, rest: readonly string[]): SecretReference {
  const [jsonKey, versionStage, versionId, ...more] = rest
  if (more.length > 0) throw malformed()
  return { secretId, ...(jsonKey && { jsonKey }), ...(versionStage && { versionStage }), ...(versionId && { versionId }) }
}

/** Does not quote the text: what stands beside a reference may be a password. */
function malformed(): SecretCacheError {
  return new SecretCacheError({
    code: 'ERR_SECRET_REQUEST',
    message: 'The text is no reference to a secret.',
    hint: 'It reads <ARN>:<json key>:<stage>:<version id>, or {{resolve:secretsmanager:<id>:SecretString:<json key>:<stage>:<version id>}}.',
  })
}
