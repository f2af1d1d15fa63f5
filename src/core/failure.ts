import { isSecretCacheError, SecretCacheError, type SecretCacheErrorCode } from './errors.js'
import { causeFrom, type ForeignError, readForeignError } from './foreign-error.js'
import { hintFor } from './hints.js'
import { MissingPeerError } from './peer.js'

/**
 * What a failed load means for what is already there.
 *
 * - `passing`: the last known good may be served, and trying again makes sense
 * - `denied`: somebody took the secret away; the last known good ends with its TTL
 * - `wrong`: the request itself; never served over, never tried again within a load
 */
export type FailureKind = 'passing' | 'denied' | 'wrong'

/** Why a load failed, told apart once; each reader gets an error of its own made from it. */
export interface Failure {
  kind: FailureKind
  code: SecretCacheErrorCode
  cause: Error
  hint: string | undefined
  /** The rest of the sentence that begins with "The secret … ". */
  outcome: string
}

type Verdict = [kind: FailureKind, code: SecretCacheErrorCode, outcome: string]

const verdicts = {
  missing: ['denied', 'ERR_SECRET_NOT_FOUND', 'does not exist'],
  noVersion: ['denied', 'ERR_SECRET_VERSION', 'has no such version'],
  deleted: ['denied', 'ERR_SECRET_DELETED', 'is scheduled for deletion'],
  denied: ['denied', 'ERR_SECRET_ACCESS_DENIED', 'may not be read'],
  undecryptable: ['denied', 'ERR_SECRET_DECRYPTION', 'could not be decrypted'],
  foreign: ['denied', 'ERR_SECRET_ACCOUNT', 'belongs to an account that is not allowed'],
  throttled: ['passing', 'ERR_SECRET_THROTTLED', 'could not be read: the service throttles'],
  timeout: ['passing', 'ERR_SECRET_TIMEOUT', 'could not be read in time'],
  unavailable: ['passing', 'ERR_SECRET_UNAVAILABLE', 'could not be read'],
  wrong: ['wrong', 'ERR_SECRET_REQUEST', 'was asked for wrongly'],
  unusable: ['wrong', 'ERR_SECRET_UNAVAILABLE', 'could not be read'],
} satisfies Record<string, Verdict>

/** The one table of what each known exception means. What is not in it passes. */
const verdictByName: Record<string, Verdict> = {
  ResourceNotFoundException: verdicts.missing,
  AccessDenied: verdicts.denied,
  AccessDeniedException: verdicts.denied,
  NotAuthorized: verdicts.denied,
  OptInRequired: verdicts.denied,
  UnrecognizedClientException: verdicts.denied,
  InvalidClientTokenId: verdicts.denied,
  DecryptionFailure: verdicts.undecryptable,
  DecryptionFailureException: verdicts.undecryptable,
  InvalidRequestException: verdicts.wrong,
  InvalidParameterException: verdicts.wrong,
  ValidationException: verdicts.wrong,
  ValidationError: verdicts.wrong,
  BandwidthLimitExceeded: verdicts.throttled,
  LimitExceededException: verdicts.throttled,
  PriorRequestNotComplete: verdicts.throttled,
  ProvisionedThroughputExceededException: verdicts.throttled,
  RequestLimitExceeded: verdicts.throttled,
  RequestThrottled: verdicts.throttled,
  RequestThrottledException: verdicts.throttled,
  SlowDown: verdicts.throttled,
  ThrottledException: verdicts.throttled,
  Throttling: verdicts.throttled,
  ThrottlingException: verdicts.throttled,
  TooManyRequestsException: verdicts.throttled,
  TimeoutError: verdicts.timeout,
}

const kindOfCode = new Map<SecretCacheErrorCode, FailureKind>([
  ...Object.values(verdicts).map(([kind, code]): [SecretCacheErrorCode, FailureKind] => [code, kind]),
  ['ERR_SECRET_UNAVAILABLE', 'passing'],
])

/** Tells what a source's rejection means. */
export function failureFrom(thrown: unknown): Failure {
  if (thrown instanceof MissingPeerError) return missingPeerFailure(thrown)
  // A source of this package, or one written with its errors, has told it apart already.
  if (isSecretCacheError(thrown)) return failureFromOwn(thrown)
  const foreign = readForeignError(thrown)
  const [kind, code, outcome] = verdictOn(foreign, thrown)
  const hint = hintFor(code, foreign, thrown)
  return { kind, code, outcome, cause: causeFrom(foreign), hint }
}

/** The deadline of a load has passed. */
export function timeoutFailure(loadTimeoutMs: number): Failure {
  const [kind, code, outcome] = verdicts.timeout
  return { kind, code, outcome, cause: new Error(`No answer within ${loadTimeoutMs} ms.`), hint: undefined }
}

/** What came was no answer: a proxy's page, a truncated body, another type. */
export function unreadableFailure(missing: string): Failure {
  const [kind, code, outcome] = verdicts.unavailable
  return { kind, code, outcome, cause: new Error(`The answer lacks ${missing}.`), hint: undefined }
}

/** The cache was closed while nobody waited for the load. */
export function closedFailure(): Failure {
  return {
    kind: 'passing',
    code: 'ERR_SECRET_CACHE_CLOSED',
    outcome: 'was not read',
    cause: new Error('The cache was closed.'),
    hint: undefined,
  }
}

/** An answer belongs to an account outside `allowedAccounts`. */
export function foreignAccountFailure(account: string): Failure {
  const [kind, code, outcome] = verdicts.foreign
  return {
    kind,
    code,
    outcome,
    cause: new Error(`It belongs to account ${account}.`),
    hint: 'Add the account to allowedAccounts if it is meant.',
  }
}

/** The error for one reader. */
export function errorFor(failure: Failure, secretId: string): SecretCacheError {
  const { code, outcome, cause, hint } = failure
  const detail = cause.message === '' ? '' : `: ${cause.message}`
  return new SecretCacheError({ code, message: `The secret ${secretId} ${outcome}${detail}`, secretId, cause, hint })
}

/** Whether an idle connection was reset before any byte of an answer: the request never counted, so it may be sent again at once. */
export function isIdleReset(thrown: unknown): boolean {
  const { code, answered } = readForeignError(thrown)
  return !answered && (code === 'ECONNRESET' || code === 'EPIPE')
}

function missingPeerFailure({ message, peer }: MissingPeerError): Failure {
  const [kind, code, outcome] = verdicts.unusable
  return { kind, code, outcome, cause: new Error(message), hint: `npm install ${peer}` }
}

function failureFromOwn(error: SecretCacheError): Failure {
  const { code, hint, cause } = error
  const kind = kindOfCode.get(code) ?? 'passing'
  const outcome = Object.values(verdicts).find(verdict => verdict[1] === code)?.[2] ?? 'could not be read'
  return { kind, code, outcome, hint, cause: cause instanceof Error ? cause : new Error(code) }
}

function verdictOn({ name, status, message = '' }: ForeignError, thrown: unknown): Verdict {
  if (name === 'ResourceNotFoundException' && /secret value/i.test(message)) return verdicts.noVersion
  if (name === 'InvalidRequestException' && /delet/i.test(message)) return verdicts.deleted
  if (isSetUpWrong(thrown)) return verdicts.unusable
  if (verdictByName[name] !== undefined) return verdictByName[name]
  if (status === 429) return verdicts.throttled
  return verdicts.unavailable
}

/** What no second attempt can mend. */
function isSetUpWrong(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.message === 'Region is missing'
}
