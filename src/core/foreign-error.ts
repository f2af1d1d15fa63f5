import { getSystemErrorMap } from 'node:util'

/**
 * What may be repeated of an error that is not ours.
 *
 * A foreign error is never passed on: V8 quotes the text that it could not parse, the SDK quotes a broken answer's body and copies
 * its fields onto the error. So only words from fixed lists, numbers and well-formed request ids get through.
 */
export interface ForeignError {
  /** A known exception's name, else `Error`. */
  name: string
  /** A known system error's code. */
  code?: string
  status?: number
  requestId?: string
  /** The message of a known service exception; undefined for everything else. */
  message?: string
  /** Whether an answer had begun: then the request had reached the service. */
  answered: boolean
}

/** The names that Secrets Manager, the AWS protocols and the SDK's credential providers give to their errors. */
const serviceExceptions = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'DecryptionFailure',
  'DecryptionFailureException',
  'EncryptionFailure',
  'ExpiredToken',
  'ExpiredTokenException',
  'IncompleteSignature',
  'InternalFailure',
  'InternalServerError',
  'InternalServiceError',
  'InternalServiceErrorException',
  'InvalidClientTokenId',
  'InvalidNextTokenException',
  'InvalidParameterException',
  'InvalidRequestException',
  'InvalidSignatureException',
  'LimitExceededException',
  'MalformedPolicyDocumentException',
  'MissingAuthenticationToken',
  'MissingAuthenticationTokenException',
  'NotAuthorized',
  'OptInRequired',
  'PreconditionNotMetException',
  'PublicPolicyException',
  'RequestExpired',
  'RequestLimitExceeded',
  'RequestTimeTooSkewed',
  'RequestTimeout',
  'RequestTimeoutException',
  'ResourceExistsException',
  'ResourceNotFoundException',
  'ServiceUnavailable',
  'ServiceUnavailableException',
  'SignatureDoesNotMatch',
  'SlowDown',
  'Throttling',
  'ThrottlingException',
  'ThrottledException',
  'RequestThrottled',
  'RequestThrottledException',
  'BandwidthLimitExceeded',
  'PriorRequestNotComplete',
  'ProvisionedThroughputExceededException',
  'TooManyRequestsException',
  'TransactionInProgressException',
  'UnrecognizedClientException',
  'ValidationError',
  'ValidationException',
])

/** Names that say what kind of thing went wrong; their messages are not repeated. */
const plainNames = new Set([
  'AbortError',
  'AggregateError',
  'CredentialsProviderError',
  'ProviderError',
  'RangeError',
  'SyntaxError',
  'TimeoutError',
  'TokenProviderError',
  'TypeError',
])

const systemCodes = new Set([
  ...[...getSystemErrorMap().values()].map(([code]) => code),
  'ENOTFOUND',
  'EAI_AGAIN',
  'ERR_MODULE_NOT_FOUND',
  'MODULE_NOT_FOUND',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_SOCKET',
])

const requestIdForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const longestMessage = 1_000

/** Reads what may be repeated of anything that was thrown. */
export function readForeignError(thrown: unknown): ForeignError {
  const error = asRecord(thrown)
  const metadata = asRecord(error.$metadata)
  const name = String(error.name)
  const isService = serviceExceptions.has(name)
  const status = metadata.httpStatusCode ?? asRecord(error.$response).statusCode
  return {
    name: isService || plainNames.has(name) ? name : 'Error',
    ...onlyIf('code', systemCodeOf(error)),
    ...onlyIf('status', typeof status === 'number' ? status : undefined),
    ...onlyIf('requestId', matching(metadata.requestId, requestIdForm)),
    ...onlyIf('message', isService && typeof error.message === 'string' ? error.message.slice(0, longestMessage) : undefined),
    answered: status !== undefined || error.$response !== undefined,
  }
}

/** The `cause` of our own error: a new Error that holds only what may be repeated. */
export function causeFrom({ name, code, status, requestId, message }: ForeignError): Error {
  const cause = new Error(message ?? code ?? (status === undefined ? name : `HTTP ${status}`))
  // Its trace would be that of this function.
  cause.stack = `${name}: ${cause.message}`
  return Object.assign(cause, { name }, onlyIf('code', code), onlyIf('status', status), onlyIf('requestId', requestId))
}

/** The SDK wraps: a failed connection may be the cause, or the first of several tried addresses. */
function systemCodeOf(error: Record<string, unknown>): string | undefined {
  const inner = [error, asRecord(error.cause), asRecord((error.errors as unknown[] | undefined)?.[0])]
  return inner.map(({ code }) => code).find((code): code is string => systemCodes.has(code as string))
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

function matching(value: unknown, form: RegExp): string | undefined {
  return typeof value === 'string' && form.test(value) ? value : undefined
}

function onlyIf<Key extends string, Value>(key: Key, value: Value | undefined): { [K in Key]?: Value } {
  return value === undefined ? {} : ({ [key]: value } as { [K in Key]?: Value })
}
