import { SecretCacheError } from '../core/failures/errors.js'
import type { SecretValue } from '../core/secrets/source.js'

/** The response of the agent and the extension: the members of GetSecretValue. Missing ones may be null, and there may be others. */
interface Members {
  ARN?: unknown
  Name?: unknown
  VersionId?: unknown
  VersionStages?: unknown
  CreatedDate?: unknown
  SecretString?: unknown
  SecretBinary?: unknown
}

/** Reads a secret from the body of a response. */
export function valueFrom(body: string): SecretValue {
  const { ARN, Name, VersionId, VersionStages, CreatedDate, SecretString, SecretBinary } = parse(body) as Members
  const createdDate = dateFrom(CreatedDate)
  return {
    // The cache reports missing members and wrong types, as for every source.
    arn: ARN as string,
    name: Name as string,
    versionId: VersionId as string,
    versionStages: (VersionStages ?? []) as string[],
    ...(createdDate !== undefined && { createdDate }),
    ...(isThere(SecretString) && { string: SecretString as string }),
    ...(isThere(SecretBinary) && { binary: bytesFrom(SecretBinary) }),
  }
}

/** The JSON object in the body of a response. */
export function parse(body: string): object {
  let members: unknown
  try {
    members = JSON.parse(body)
  } catch {
    // V8's message would quote the text.
  }
  if (typeof members === 'object' && members !== null) return members
  throw new SecretCacheError({
    code: 'ERR_SECRET_UNAVAILABLE',
    message: 'The response is not a JSON object.',
    cause: new SyntaxError('The response is not a JSON object.'),
  })
}

/** Seconds as a number, seconds as text from the agent, or ISO 8601 from the extension. An invalid date must not fail the read. */
export function dateFrom(value: unknown): Date | undefined {
  if (!isThere(value) || value === '') return undefined
  const seconds = Number(value)
  const date = new Date(Number.isNaN(seconds) ? String(value) : Math.round(seconds * 1_000))
  return Number.isNaN(date.getTime()) ? undefined : date
}

function bytesFrom(value: unknown): Uint8Array {
  return typeof value === 'string' ? Uint8Array.from(Buffer.from(value, 'base64')) : (value as Uint8Array)
}

function isThere(value: unknown): boolean {
  return value !== undefined && value !== null
}
