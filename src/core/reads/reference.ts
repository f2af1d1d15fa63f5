import { SecretCacheError } from '../failures/errors.js'
import type { ParameterRules } from '../loads/parameter-source.js'
import { aSignal, checkOptions } from '../options/check-options.js'
import { isArn } from '../secrets/secret-id.js'
import type { SecretReference } from '../secrets/secret-reference.js'

/** Options of `resolve`. */
export interface ResolveOptions {
  /** Ends the wait of this caller, whose promise rejects with the reason of the signal. The loads go on. */
  signal?: AbortSignal | undefined
}

/** Checks the options of `resolve`. */
export function checkResolveOptions(options: unknown): void {
  checkOptions('resolve', options, { signal: aSignal })
}

const dynamicReference = /\{\{(resolve:[\w-]+:([^{}]+))\}\}/g

/** Marks a reference that is misspelled, to another service, or not closed. It must not pass for plain text. */
const leftover = /\{\{|resolve:s(ecretsmanager|sm)/i

/** The form of a secret's name. Text of any other form is rejected: it may be a password in the place of a reference. */
const nameForm = /^[\w/+=.@!-]*$/

/** The ARN of a secret has seven parts; a name contains no colon. */
const partsOfArn = 7

/**
 * Replaces the references to secrets in `text`: every `{{resolve:secretsmanager:…}}` of CloudFormation. A text without one is read as a
 * whole like `valueFrom` of a container definition: a plain id, or an ARN and its optional suffixes.
 */
export async function resolveReferences(
  text: string,
  read: (reference: SecretReference) => Promise<string>,
  parameters?: ParameterRules,
): Promise<string> {
  if (!leftover.test(text)) return read(parameters?.parseReference(text) ?? parseValueFrom(text))
  if (leftover.test(text.replace(dynamicReference, ' '))) throw malformed()
  // Parse all before reading any: if parsing threw after a read began, the rejection of that read would be unhandled.
  const references = [...text.matchAll(dynamicReference)].map(
    ([, inner = '']) => parameters?.parseReference(inner) ?? parseDynamic(inner),
  )
  const values = await Promise.all(references.map(read))
  // A function, because `$&` and the like have a meaning in a replacement string.
  return text.replace(dynamicReference, () => values.shift() as string)
}

function parseValueFrom(text: string): SecretReference {
  if (!isArn(text) && !nameForm.test(text)) throw malformed()
  const parts = text.split(':')
  return reference(parts.slice(0, partsOfArn).join(':'), parts.slice(partsOfArn))
}

function parseDynamic(dynamic: string): SecretReference {
  const [, inner] = /^resolve:secretsmanager:(.+)/.exec(dynamic) ?? []
  if (inner === undefined) throw malformed()
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

/** Does not quote the text: there may be a password next to the reference. */
function malformed(): SecretCacheError {
  return new SecretCacheError({
    code: 'ERR_SECRET_REQUEST',
    message: 'This is not a valid secret reference.',
    hint: 'It reads <ARN>:<json key>:<stage>:<version id>, or {{resolve:secretsmanager:<id>:SecretString:<json key>:<stage>:<version id>}}.',
  })
}
