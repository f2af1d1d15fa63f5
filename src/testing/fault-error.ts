import type { FakeFault } from './faults.js'
import type { Input } from './input.js'
import { ServiceError } from './service-error.js'

/** The messages of the service for the exceptions that tests inject most. */
const messages: Readonly<Record<string, string>> = {
  DecryptionFailure: "Secrets Manager can't decrypt the protected secret text using the provided KMS key.",
  ExpiredTokenException: 'The security token included in the request is expired',
  InternalServiceError: 'An error occurred on the server side.',
  ServiceUnavailableException: 'Service is unavailable',
  ThrottlingException: 'Rate exceeded',
  UnrecognizedClientException: 'The security token included in the request is invalid.',
}

/** The error that a fault causes in a call, if any. */
export function faultError(fault: FakeFault, operation: string, input: Input): Error | undefined {
  if (fault.answer === 'reset') return connectionReset()
  if (fault.error === undefined) return undefined
  const message = fault.message ?? messages[fault.error] ?? defaultMessage(fault.error, operation, input)
  return new ServiceError(fault.error, message, fault.status)
}

/** The error of Node when the other side closes a connection before it responds. */
function connectionReset(): Error {
  return Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
}

/** Whether an error stands for a connection that was reset. */
export function isConnectionReset(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ECONNRESET'
}

function defaultMessage(error: string, operation: string, input: Input): string {
  const resource = typeof input.SecretId === 'string' ? ` on resource: ${input.SecretId}` : ''
  return error === 'AccessDeniedException'
    ? `The caller is not authorized to perform: secretsmanager:${operation}${resource} because no identity-based policy allows the secretsmanager:${operation} action`
    : `${error} was injected.`
}
