import { failure } from '../failures/failure.js'
import { isMeant } from '../secrets/secret-id.js'
import type { SecretRequest, SecretValue } from '../secrets/source.js'
import { LoadFailed } from './attempts.js'

/** Lets an answer through if it is one, to what was asked. */
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

/** What an answer has another of than was asked for. Another secret, were it kept, would be reached by this one's id from then on. */
function otherThan({ secretId, versionId }: SecretRequest, answer: SecretValue): 'secret' | 'version' | undefined {
  if (!isMeant(secretId, answer)) return 'secret'
  return versionId === undefined || versionId === answer.versionId ? undefined : 'version'
}

/** Why the secrets of an account are refused; undefined if it is allowed. */
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

/** Names what an answer lacks, without saying what it has instead. */
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
