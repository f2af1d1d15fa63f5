import { isSecretCacheError, SecretCacheError } from './errors.js'
import { causeFrom, type ForeignError, isEarlyMessage, readForeignError } from './foreign-error.js'
import { hintFor } from './hints.js'
import { MissingPeerError } from './peer.js'
import { type Verdict, verdictOn, verdicts } from './verdicts.js'

/** Why a load failed, classified once. Each reader gets its own error, created from this. */
export interface Failure extends Verdict {
  readonly cause: Error
  readonly hint?: string | undefined
  /** Whether the load was given up and the service may only be slow: then the next load is waited for. */
  readonly mayBeSlow?: boolean
}

/** A failure that the package detected itself. */
export function failure(sort: keyof typeof verdicts, reason: string, hint?: string): Failure {
  return { ...verdicts[sort], cause: new Error(reason), hint }
}

/** Classifies the error that a source rejected with. */
export function failureFrom(thrown: unknown): Failure {
  if (thrown instanceof MissingPeerError) return failure('config', thrown.message, `npm install ${thrown.peer}`)
  // A source that throws errors of this package has classified them already.
  if (isSecretCacheError(thrown)) return failureFromOwn(thrown)
  const foreign = readForeignError(thrown)
  const verdict = judge(foreign)
  return { ...verdict, cause: causeFrom(foreign), hint: hintFor(verdict.code, foreign) }
}

/** The error for one reader. */
export function errorFor({ code, outcome, cause, hint }: Failure, secretId: string): SecretCacheError {
  return new SecretCacheError({ code, message: `The secret ${secretId} ${outcome}: ${cause.message}`, secretId, cause, hint })
}

/** Whether an idle connection was reset before any byte of a response: the request had no effect, so it may be sent again at once. */
export function isIdleReset(thrown: unknown): boolean {
  const { code, answered } = readForeignError(thrown)
  return !answered && (code === 'ECONNRESET' || code === 'EPIPE')
}

function judge({ name, code = '', status, message = '', asked }: ForeignError): Verdict {
  // Names and codes come from fixed lists, so part of one identifies it.
  if (/ResourceNotFound/.test(name) && /secret value/i.test(message)) return verdicts.noVersion
  if (/InvalidRequest/.test(name) && /delet/i.test(message)) return verdicts.deleted
  if (/InvalidRequest/.test(name) && /KMS/.test(message)) return verdicts.undecryptable
  // An error of STS: Secrets Manager itself was not called.
  if (/AccessDenied/.test(name) && /sts:AssumeRole/.test(message)) return verdicts.credentials
  if (/ProviderError|InstanceMetadata/.test(name)) return verdicts.credentials
  // The only file that a call to AWS must be able to read is that of a token. In its place, a mount may have created a directory.
  if (asked !== undefined && /ENOENT|EACCES|DIR$/.test(code)) return verdicts.credentials
  if (/EndpointError|INVALID_URL/.test(name + code)) return verdicts.malformed
  // Most of these errors of the SDK have neither a class nor a code.
  if (/MODULE_NOT_FOUND/.test(code) || isEarlyMessage(message)) return verdicts.config
  if (code === 'ECONNREFUSED' && asked?.hasAnswered === false) return verdicts.config
  if (name === 'TimeoutError') return verdicts.timeout
  return verdictOn(name) ?? (status === 429 ? verdicts.throttled : verdicts.unavailable)
}

function failureFromOwn({ code, hint, cause }: SecretCacheError): Failure {
  const verdict = Object.values(verdicts).find(known => known.code === code) ?? verdicts.unavailable
  return { ...verdict, code, hint, cause: causeFrom(readForeignError(cause)) }
}
