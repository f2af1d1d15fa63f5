import { failure } from '../failures/failure.js'
import type { SecretValue } from '../secrets/source.js'
import { LoadFailed } from './attempts.js'

/** Lets an answer through if it is one. */
export function checkAnswer(answer: SecretValue, askedVersionId?: string): SecretValue {
  const missing = missingIn(answer)
  if (missing !== undefined) throw new LoadFailed(failure('unavailable', `The answer lacks ${missing}.`))
  if (askedVersionId !== undefined && answer.versionId !== askedVersionId) {
    throw new LoadFailed(failure('unavailable', 'The answer is another version than the one that was asked for.'))
  }
  return answer
}

/** Why the secrets of an account are refused; undefined if it is allowed. */
export function accountRefusal(
  account: string | undefined,
  allowedAccounts: ReadonlySet<string> | undefined,
): LoadFailed | undefined {
  if (allowedAccounts === undefined || (account !== undefined && allowedAccounts.has(account))) return undefined
  return new LoadFailed(
    failure('foreign', `It belongs to account ${account ?? 'unknown'}.`, 'Add the account to allowedAccounts if it is meant.'),
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
