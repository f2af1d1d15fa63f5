import { randomUUID } from 'node:crypto'

const serverFaults: Readonly<Record<string, number>> = {
  InternalFailure: 500,
  InternalServiceError: 500,
  ServiceUnavailable: 503,
  ServiceUnavailableException: 503,
}

/** An exception of Secrets Manager, shaped as the SDK throws it: told apart by `name`, with the HTTP status in `$metadata`. */
export class ServiceError extends Error {
  override readonly name: string
  readonly $fault: 'client' | 'server'
  readonly $service = 'SecretsManager'
  readonly $metadata: { httpStatusCode: number; requestId: string; attempts: number; totalRetryDelay: number }

  constructor(name: string, message: string, status: number = serverFaults[name] ?? 400) {
    super(message)
    this.name = name
    this.$fault = status >= 500 ? 'server' : 'client'
    this.$metadata = { httpStatusCode: status, requestId: randomUUID(), attempts: 1, totalRetryDelay: 0 }
  }
}

/** No such secret. moto answers it with HTTP 404; the documentation has 400 for every error of the client. */
export function secretNotFound(): ServiceError {
  return new ServiceError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.")
}

/** The secret is there, the version is not. */
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

/** Not in this state of the secret. */
export function invalidRequest(message: string): ServiceError {
  return new ServiceError('InvalidRequestException', message)
}

/** Not with these parameters. */
export function invalidParameter(message: string): ServiceError {
  return new ServiceError('InvalidParameterException', message)
}

/** There is one already, and it is not the same. */
export function alreadyExists(message: string): ServiceError {
  return new ServiceError('ResourceExistsException', message)
}

/** No secret can have this name; so says every operation that takes one. */
export function invalidName(): ServiceError {
  return new ServiceError(
    'ValidationException',
    'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!',
  )
}

/** The constraint of a parameter is broken. The value stays out of the message: it may be the secret. */
export function invalidMember(member: string, constraint: string): ServiceError {
  const wireName = member.charAt(0).toLowerCase() + member.slice(1)
  return new ServiceError(
    'ValidationException',
    `1 validation error detected: Value at '${wireName}' failed to satisfy constraint: Member must ${constraint}`,
  )
}
