import type { SecretCacheErrorCode } from './errors.js'

/**
 * What a failed load means for the value that is held.
 *
 * - `transient`: the last known good value may be served, and a retry makes sense
 * - `denied`: access to the secret is gone; the last known good value ends with its TTL, unless `staleIfDeniedMs` extends it
 * - `wrong`: the request is invalid; nothing is served after the TTL, and the load is not retried
 */
type FailureKind = 'transient' | 'denied' | 'wrong'

/** The classification of one kind of failure. */
export interface Verdict {
  readonly kind: FailureKind
  readonly code: SecretCacheErrorCode
  /**
   * Whether the failure may soon be over by itself. Configuration and credentials have to be fixed by somebody: until then the held value is
   * served, but a load with nothing to serve must not keep its readers waiting.
   */
  readonly waitingHelps: boolean
  /** The rest of the sentence that begins with "The secret … ". */
  readonly outcome: string
  /** Whether the next attempt is certain to fail at once. */
  readonly isLasting: true | undefined
}

/** How long failures that waiting does not help are retried: at startup, the endpoint or the credentials may be a moment late. */
export const unhelpfulAfterMs = 1_000

function verdict(
  kind: FailureKind,
  code: SecretCacheErrorCode,
  outcome: string,
  waitingHelps = kind === 'transient',
  isLasting?: true,
): Verdict {
  return { kind, code, outcome, waitingHelps, isLasting }
}

const couldNot = 'could not be read'

type Sort =
  | 'missing'
  | 'noVersion'
  | 'deleted'
  | 'denied'
  | 'undecryptable'
  | 'foreign'
  | 'throttled'
  | 'timeout'
  | 'unavailable'
  | 'config'
  | 'malformed'
  | 'credentials'
  | 'wrong'
  | 'closed'

/** All kinds of failures. A bundle that does not need them leaves them out, since the call is pure. */
export const verdicts: Readonly<Record<Sort, Verdict>> = /* @__PURE__ */ (() => ({
  missing: verdict('denied', 'ERR_SECRET_NOT_FOUND', 'does not exist'),
  noVersion: verdict('denied', 'ERR_SECRET_VERSION', 'has no such version'),
  deleted: verdict('denied', 'ERR_SECRET_DELETED', 'is scheduled for deletion'),
  denied: verdict('denied', 'ERR_SECRET_ACCESS_DENIED', 'may not be read'),
  undecryptable: verdict('denied', 'ERR_SECRET_DECRYPTION', 'could not be decrypted'),
  foreign: verdict('denied', 'ERR_SECRET_ACCOUNT', 'belongs to an account that is not allowed'),
  throttled: verdict('transient', 'ERR_SECRET_THROTTLED', couldNot),
  timeout: verdict('transient', 'ERR_SECRET_TIMEOUT', `${couldNot} in time`),
  unavailable: verdict('transient', 'ERR_SECRET_UNAVAILABLE', couldNot),
  /** No Region, a missing package, an endpoint where nothing listens. */
  config: verdict('transient', 'ERR_SECRET_CONFIG', couldNot, false),
  /** An endpoint that is not a URL, or that conflicts with another setting: no attempt ever sends anything. */
  malformed: verdict('transient', 'ERR_SECRET_CONFIG', couldNot, false, true),
  /** No credentials were found, a session has ended, or a role could not be assumed. */
  credentials: verdict('transient', 'ERR_SECRET_CREDENTIALS', couldNot, false),
  wrong: verdict('wrong', 'ERR_SECRET_REQUEST', 'cannot be requested like this'),
  closed: verdict('transient', 'ERR_SECRET_CACHE_CLOSED', 'was not read'),
}))()

/**
 * The meaning of the exceptions of the service, of the AWS protocols and of the SDK's credential providers. Some names end with
 * `Exception` and some do not. An exception that is not in this table is transient.
 */
const exceptions = (): readonly [Verdict, string][] => [
  [verdicts.missing, 'ResourceNotFound ParameterNotFound'],
  [verdicts.noVersion, 'ParameterVersionNotFound'],
  [verdicts.denied, 'AccessDenied NotAuthorized OptInRequired UnrecognizedClient InvalidClientTokenId'],
  [verdicts.undecryptable, 'DecryptionFailure EncryptionFailure InvalidKeyId'],
  [verdicts.credentials, 'InvalidIdentityToken IDPRejectedClaim'],
  [verdicts.wrong, 'InvalidRequest InvalidParameter Serialization Validation ValidationError ResourceExists'],
  [
    verdicts.throttled,
    'Throttling Throttled RequestThrottled TooManyRequests LimitExceeded RequestLimitExceeded BandwidthLimitExceeded SlowDown PriorRequestNotComplete ProvisionedThroughputExceeded',
  ],
  [
    verdicts.unavailable,
    'ExpiredToken RequestExpired InvalidSignature SignatureDoesNotMatch IncompleteSignature MissingAuthenticationToken RequestTimeTooSkewed RequestTimeout InternalFailure InternalServerError InternalServiceError ServiceUnavailable',
  ],
]

const verdictByName = /* @__PURE__ */ (() =>
  new Map(exceptions().flatMap(([meaning, names]) => names.split(' ').map(name => [name, meaning] as const))))()

/** The meaning of a known exception; undefined for any other name. */
export function verdictOn(exceptionName: string): Verdict | undefined {
  return verdictByName.get(exceptionName.replace(/Exception$/, ''))
}
