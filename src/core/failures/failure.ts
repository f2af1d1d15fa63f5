import { isSecretCacheError, SecretCacheError } from './errors.js'
import { causeFrom, type ForeignError, readForeignError } from './foreign-error.js'
import { hintFor } from './hints.js'
import { MissingPeerError } from './peer.js'
import { type Verdict, verdictOn, verdicts } from './verdicts.js'

/** Why a load failed, told apart once; each reader gets an error of its own made from it. */
export interface Failure extends Verdict {
  readonly cause: Error
  readonly hint?: string | undefined
}

/** A failure that we noticed ourselves. */
export function failure(sort: keyof typeof verdicts, reason: string, hint?: string): Failure {
  return { ...verdicts[sort], cause: new Error(reason), hint }
}

/** Tells what a source's rejection means. */
export function failureFrom(thrown: unknown): Failure {
  if (thrown instanceof MissingPeerError) return failure('unusable', thrown.message, `npm install ${thrown.peer}`)
  if (isRegionMissing(thrown)) {
    return failure('unusable', 'The Region is missing or wrong.', 'Pass { region }, or set AWS_REGION.')
  }
  // A source written with the errors of this package has told it apart already.
  if (isSecretCacheError(thrown)) return failureFromOwn(thrown)
  const foreign = readForeignError(thrown)
  const verdict = judge(foreign)
  return { ...verdict, cause: causeFrom(foreign), hint: hintFor(verdict.code, foreign) }
}

/** The error for one reader. */
export function errorFor({ code, outcome, cause, hint }: Failure, secretId: string): SecretCacheError {
  return new SecretCacheError({ code, message: `The secret ${secretId} ${outcome}: ${cause.message}`, secretId, cause, hint })
}

/** Whether an idle connection was reset before any byte of an answer: the request never counted, so it may be sent again at once. */
export function isIdleReset(thrown: unknown): boolean {
  const { code, answered } = readForeignError(thrown)
  return !answered && (code === 'ECONNRESET' || code === 'EPIPE')
}

/** The SDK has no class and no code for these. */
function isRegionMissing(thrown: unknown): boolean {
  const message = Object.getOwnPropertyDescriptor(thrown instanceof Error ? thrown : {}, 'message')?.value
  return /^Region (is missing|not accepted)/.test(String(message))
}

function judge({ name, status, message = '' }: ForeignError): Verdict {
  if (/^ResourceNotFound/.test(name) && /secret value/i.test(message)) return verdicts.noVersion
  if (/^InvalidRequest/.test(name) && /delet/i.test(message)) return verdicts.deleted
  if (/^InvalidRequest/.test(name) && /KMS/.test(message)) return verdicts.undecryptable
  if (name === 'TimeoutError') return verdicts.timeout
  return verdictOn(name) ?? (status === 429 ? verdicts.throttled : verdicts.unavailable)
}

function failureFromOwn({ code, hint, cause }: SecretCacheError): Failure {
  const verdict = Object.values(verdicts).find(known => known.code === code) ?? verdicts.unavailable
  return { ...verdict, code, hint, cause: causeFrom(readForeignError(cause)) }
}
