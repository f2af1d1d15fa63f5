import { ServiceError } from '../service-error.js'

/** The parameter does not exist. The service sends no message; moto sends the name. */
export function parameterNotFound(message = ''): ServiceError {
  return new ServiceError('ParameterNotFound', message)
}

/** The parameter exists, the version does not. */
export function versionNotFound(name: string, wanted: number | string): ServiceError {
  return new ServiceError(
    'ParameterVersionNotFound',
    `Systems Manager could not find version ${wanted} of ${name}. Verify the version and try again.`,
  )
}

/** The request is invalid. */
export function validation(message: string): ServiceError {
  return new ServiceError('ValidationException', message)
}
