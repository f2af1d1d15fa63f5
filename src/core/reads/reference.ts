import { SecretCacheError } from '../failures/errors.js'
import { aSignal, checkOptions } from '../options/check-options.js'
import { isArn } from '../secrets/secret-id.js'

/** A place in a secret, as a task definition or a template names it. */
export interface SecretReference {
  secretId: string
  jsonKey?: string
  versionStage?: string
  versionId?: string
}

/** What `resolve` takes. */
export interface ResolveOptions {
  /** Ends this caller's waiting; the loads go on. */
  signal?: AbortSignal | undefined
}

/** Checks the options of `resolve`. */
export function checkResolveOptions(options: unknown): void {
  checkOptions('resolve', options, { signal: aSignal })
}

const dynamicReference = /\{\{resolve:secretsmanager:([^{}]+)\}\}/g

/** What is left of a reference that is misspelled, of another service, or not closed. It must not be taken for text. */
const leftover = /\{\{|resolve:secretsmanager/i

/** What the name of a secret may be. A text of another form is none, and may be a password where a reference should be. */
const nameForm = /^[\w/+=.@!-]*$/

/** An ARN has seven parts; no name holds a colon. */
const partsOfArn = 7

/**
 * Replaces what refers to secrets in `text`: every `{{resolve:secretsmanager:…}}` of CloudFormation in it, or else the whole of it as
 * `valueFrom` of a container definition, which is an ARN with what may follow it, or a plain id.
 */
export async function resolveReferences(text: string, read: (reference: SecretReference) => Promise<string>): Promise<string> {
  if (!leftover.test(text)) return read(parseValueFrom(text))
  if (leftover.test(text.replace(dynamicReference, ' '))) throw malformed()
  // All are parsed before one is read: a read that was begun would have nobody left to hear of its failure.
  const references = [...text.matchAll(dynamicReference)].map(([, inner]) => parseDynamic(inner as string))
  const values = await Promise.all(references.map(read))
  // A function: in a replacement text `$&` and the like would have a meaning.
  return text.replace(dynamicReference, () => values.shift() as string)
}

function parseValueFrom(text: string): SecretReference {
  if (!isArn(text) && !nameForm.test(text)) throw malformed()
  const parts = text.split(':')
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
    message: 'This is not a valid secret reference.',
    hint: 'It reads <ARN>:<json key>:<stage>:<version id>, or {{resolve:secretsmanager:<id>:SecretString:<json key>:<stage>:<version id>}}.',
  })
}
