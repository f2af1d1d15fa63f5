import { failure } from '../failures/failure.js'
import { isMeant } from '../secrets/secret-id.js'
import type { SecretRequest, SecretValue } from '../secrets/source.js'
import { LoadFailed } from './attempts.js'

/** Returns a response, or throws if it is malformed or does not match the request. */
export function checkAnswer(answer: SecretValue, asked?: SecretRequest): SecretValue {
  const fault = faultIn(answer, asked)
  if (fault !== undefined) throw new LoadFailed(failure('unavailable', `The response ${fault}.`))
  return answer
}

function faultIn(answer: SecretValue, asked?: SecretRequest): string | undefined {
  const missing = missingIn(answer)
  if (missing !== undefined) return `lacks ${missing}`
  const other = asked && otherThan(asked, answer)
  return other && `is for another ${other} than was requested`
}

/** What does not match the request. If another secret were kept, the requested id would lead to it from then on. */
function otherThan({ secretId, versionId }: SecretRequest, answer: SecretValue): 'secret' | 'version' | undefined {
  if (!isMeant(secretId, answer)) return 'secret'
  return versionId === undefined || versionId === answer.versionId ? undefined : 'version'
}

/** The error for a secret of an account that is not allowed; undefined if it is allowed. */
export function accountRefusal(
  account: string | undefined,
  allowedAccounts: ReadonlySet<string> | undefined,
): LoadFailed | undefined {
  if (allowedAccounts === undefined || (account !== undefined && allowedAccounts.has(account))) return undefined
  return new LoadFailed(
    failure(
      'foreign',
      `It belongs to account ${account ?? 'unknown'}.`,
      'Add the account to allowedAccounts if that is intended.',
    ),
  )
}

/** Names what a response lacks, without quoting its contents. */
function missingIn(answer: unknown): string | undefined {
  if (typeof answer !== 'object' || answer === null) return 'a secret'
  const { arn, name, versionId, versionStages, createdDate, string, binary } = answer as Partial<
    Record<keyof SecretValue, unknown>
  >
  if (!isText(arn)) return 'an ARN'
  if (!isText(name)) return 'a name'
  if (!isText(versionId)) return 'a version id'
  if (!Array.isArray(versionStages) || !versionStages.every(stage => typeof stage === 'string')) return 'staging labels'
  if (createdDate !== undefined && !(createdDate instanceof Date && !Number.isNaN(createdDate.getTime()))) return 'a date'
  const isValue = typeof string === 'string' ? binary === undefined : string === undefined && binary instanceof Uint8Array
  return isValue ? undefined : 'either text or bytes'
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}
