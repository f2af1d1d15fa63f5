import { isSecretCacheError, SecretCacheError } from './errors.js'
import { causeFrom, type ForeignError, isEarlyMessage, readForeignError } from './foreign-error.js'
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
  if (thrown instanceof MissingPeerError) return failure('config', thrown.message, `npm install ${thrown.peer}`)
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

function judge({ name, code = '', status, message = '', asked }: ForeignError): Verdict {
  // Names and codes are words of fixed lists: a part of one tells it from the others.
  if (/ResourceNotFound/.test(name) && /secret value/i.test(message)) return verdicts.noVersion
  if (/InvalidRequest/.test(name) && /delet/i.test(message)) return verdicts.deleted
  if (/InvalidRequest/.test(name) && /KMS/.test(message)) return verdicts.undecryptable
  // Of STS: the service itself was not asked.
  if (/AccessDenied/.test(name) && /sts:AssumeRole/.test(message)) return verdicts.credentials
  if (/ProviderError|InstanceMetadata/.test(name)) return verdicts.credentials
  // The only file that a call to AWS reads, and does not do without, is that of a token: it may be a directory that a mount has made.
  if (asked !== undefined && /ENOENT|EACCES|DIR$/.test(code)) return verdicts.credentials
  if (/EndpointError|INVALID_URL/.test(name + code)) return verdicts.malformed
  // The SDK has no class and no code for most of these.
  if (/MODULE_NOT_FOUND/.test(code) || isEarlyMessage(message)) return verdicts.config
  if (code === 'ECONNREFUSED' && asked?.hasAnswered === false) return verdicts.config
  if (name === 'TimeoutError') return verdicts.timeout
  return verdictOn(name) ?? (status === 429 ? verdicts.throttled : verdicts.unavailable)
}

function failureFromOwn({ code, hint, cause }: SecretCacheError): Failure {
  const verdict = Object.values(verdicts).find(known => known.code === code) ?? verdicts.unavailable
  return { ...verdict, code, hint, cause: causeFrom(readForeignError(cause)) }
}
