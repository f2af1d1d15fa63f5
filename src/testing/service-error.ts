import { randomUUID } from 'node:crypto'

const serverFaults: Readonly<Record<string, number>> = {
  InternalFailure: 500,
  InternalServerError: 500,
  InternalServiceError: 500,
  ServiceUnavailable: 503,
  ServiceUnavailableException: 503,
}

/** An exception of a service in the form in which the SDK throws it: identified by `name`, with the HTTP status in `$metadata`. */
export class ServiceError extends Error {
  override readonly name: string
  readonly $fault: 'client' | 'server'
  $service: string | undefined
  readonly $metadata: { httpStatusCode: number; requestId: string; attempts: number; totalRetryDelay: number }

  constructor(name: string, message: string, status: number = serverFaults[name] ?? 400) {
    super(message)
    this.name = name
    this.$fault = status >= 500 ? 'server' : 'client'
    this.$metadata = { httpStatusCode: status, requestId: randomUUID(), attempts: 1, totalRetryDelay: 0 }
  }
}

/** The secret does not exist. moto responds with HTTP 404; the documentation lists 400 for all client errors. */
export function secretNotFound(): ServiceError {
  return new ServiceError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.")
}

/** The secret exists, the version does not. */
export function valueNotFound(by: 'staging label' | 'VersionId', wanted: string): ServiceError {
  return new ServiceError(
    'ResourceNotFoundException',
    `Secrets Manager can't find the specified secret value for ${by}: ${wanted}`,
  )
}

/** The secret is scheduled for deletion. */
export function markedForDeletion(): ServiceError {
  return invalidRequest("You can't perform this operation on the secret because it was marked for deletion.")
}

/** The request is invalid in this state of the secret. */
export function invalidRequest(message: string): ServiceError {
  return new ServiceError('InvalidRequestException', message)
}

/** The parameters are invalid. */
export function invalidParameter(message: string): ServiceError {
  return new ServiceError('InvalidParameterException', message)
}

/** The resource exists already and is different. */
export function alreadyExists(message: string): ServiceError {
  return new ServiceError('ResourceExistsException', message)
}

/** No secret can have this name. Thrown by every operation with a name. */
export function invalidName(): ServiceError {
  return new ServiceError(
    'ValidationException',
    'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!',
  )
}

/** A parameter violates a constraint. Its value is not in the message, because it may be the secret. */
export function invalidMember(member: string, constraint: string): ServiceError {
  const wireName = member.charAt(0).toLowerCase() + member.slice(1)
  return new ServiceError(
    'ValidationException',
    `1 validation error detected: Value at '${wireName}' failed to satisfy constraint: Member must ${constraint}`,
  )
}
