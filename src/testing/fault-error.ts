import type { ArmedFault } from './faults.js'
import { ServiceError } from './service-error.js'

/** The messages of the services for the exceptions that tests inject most. */
const messages: Readonly<Record<string, string>> = {
  DecryptionFailure: "Secrets Manager can't decrypt the protected secret text using the provided KMS key.",
  ExpiredTokenException: 'The security token included in the request is expired',
  InternalServerError: 'An error occurred on the server side.',
  InternalServiceError: 'An error occurred on the server side.',
  ServiceUnavailableException: 'Service is unavailable',
  ThrottlingException: 'Rate exceeded',
  UnrecognizedClientException: 'The security token included in the request is invalid.',
}

/** The error that a fault causes in a call, if any. The action is the operation as policies name it. */
export function faultError(fault: ArmedFault, action: string, resource: string | undefined): Error | undefined {
  if (fault.answer === 'reset') return connectionReset()
  if (fault.error === undefined) return undefined
  const message = fault.message ?? messages[fault.error] ?? defaultMessage(fault.error, action, resource)
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

function defaultMessage(error: string, action: string, resource: string | undefined): string {
  const place = resource === undefined ? '' : ` on resource: ${resource}`
  return error === 'AccessDeniedException'
    ? `The caller is not authorized to perform: ${action}${place} because no identity-based policy allows the ${action} action`
    : `${error} was injected.`
}
