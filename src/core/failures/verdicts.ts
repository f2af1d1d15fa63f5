import type { SecretCacheErrorCode } from './errors.js'

/**
 * What a failed load means for what is already there.
 *
 * - `transient`: the last known good may be served, and trying again makes sense
 * - `denied`: somebody took the secret away; the last known good ends with its TTL
 * - `wrong`: the request itself; never served over, never tried again within a load
 */
type FailureKind = 'transient' | 'denied' | 'wrong'

/** What one sort of failure means. */
export interface Verdict {
  readonly kind: FailureKind
  readonly code: SecretCacheErrorCode
  /**
   * Whether it may be over in a moment. Configuration and credentials are mended by people: what is held is served meanwhile, but a load
   * that has nothing to serve is not to keep its readers waiting.
   */
  readonly waitingHelps: boolean
  /** The rest of the sentence that begins with "The secret … ". */
  readonly outcome: string
  /** Whether the next attempt fails for certain, at once. */
  readonly isLasting: true | undefined
}

/** What waiting does not mend is tried again for no longer: the endpoint, or the credentials, may be a moment late at a start. */
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

/** Every sort of failure. */
export const verdicts: Readonly<Record<Sort, Verdict>> = {
  missing: verdict('denied', 'ERR_SECRET_NOT_FOUND', 'does not exist'),
  noVersion: verdict('denied', 'ERR_SECRET_VERSION', 'has no such version'),
  deleted: verdict('denied', 'ERR_SECRET_DELETED', 'is scheduled for deletion'),
  denied: verdict('denied', 'ERR_SECRET_ACCESS_DENIED', 'may not be read'),
  undecryptable: verdict('denied', 'ERR_SECRET_DECRYPTION', 'could not be decrypted'),
  foreign: verdict('denied', 'ERR_SECRET_ACCOUNT', 'belongs to an account that is not allowed'),
  throttled: verdict('transient', 'ERR_SECRET_THROTTLED', couldNot),
  timeout: verdict('transient', 'ERR_SECRET_TIMEOUT', `${couldNot} in time`),
  unavailable: verdict('transient', 'ERR_SECRET_UNAVAILABLE', couldNot),
  /** No Region, a missing package, an endpoint where nobody listens. */
  config: verdict('transient', 'ERR_SECRET_CONFIG', couldNot, false),
  /** An endpoint that is no URL, or that excludes another setting: nothing is sent, whenever it is tried. */
  malformed: verdict('transient', 'ERR_SECRET_CONFIG', couldNot, false, true),
  /** None were found, a session is over, a role could not be assumed. */
  credentials: verdict('transient', 'ERR_SECRET_CREDENTIALS', couldNot, false),
  wrong: verdict('wrong', 'ERR_SECRET_REQUEST', 'cannot be requested like this'),
  closed: verdict('transient', 'ERR_SECRET_CACHE_CLOSED', 'was not read'),
}

/**
 * The one table of what the exceptions of the service, of the AWS protocols and of the SDK's credential providers mean. Some come with
 * `Exception` at the end of their name and some without. What is not in it is transient.
 */
const exceptions: readonly [Verdict, string][] = [
  [verdicts.missing, 'ResourceNotFound'],
  [verdicts.denied, 'AccessDenied NotAuthorized OptInRequired UnrecognizedClient InvalidClientTokenId'],
  [verdicts.undecryptable, 'DecryptionFailure EncryptionFailure'],
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

const verdictByName = new Map(exceptions.flatMap(([meaning, names]) => names.split(' ').map(name => [name, meaning] as const)))

/** What a known exception means; undefined for any other name. */
export function verdictOn(exceptionName: string): Verdict | undefined {
  return verdictByName.get(exceptionName.replace(/Exception$/, ''))
}
