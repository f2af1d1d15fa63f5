import { SecretCacheError } from '../core/failures/errors.js'
import { errorFor } from '../core/failures/failure.js'
import { verdicts } from '../core/failures/verdicts.js'

/** The exception that the service has for a failure of one secret; the cache knows failures by it. */
const exceptions = {
  missing: 'ResourceNotFoundException',
  noVersion: 'ResourceNotFoundException',
  deleted: 'InvalidRequestException',
  wrong: 'InvalidRequestException',
  config: 'ValidationException',
} as const

/** The error of one secret: its `name` is the exception of the service. */
export function refusal(sort: keyof typeof exceptions, secretId: string, reason: string, hint: string): SecretCacheError {
  const name = exceptions[sort]
  return Object.assign(errorFor({ ...verdicts[sort], cause: causeNamed(name, reason), hint }, secretId), { name })
}

/** The error of the whole file. `fault` completes the sentence that begins with the file. */
export function unreadable(file: string, fault: string, hint?: string): SecretCacheError {
  const message = `${file} ${fault}`
  return new SecretCacheError({ code: 'ERR_SECRET_CONFIG', message, cause: causeNamed(exceptions.config, message), hint })
}

/** The cache repeats only the messages of exceptions that it knows. */
function causeNamed(name: string, message: string): Error {
  return Object.assign(new Error(message), { name })
}

/** The error of a file that could not be opened or read, by its system error code. */
export function unreadableBy(thrown: unknown, file: string): SecretCacheError {
  const { code } = thrown as NodeJS.ErrnoException
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return unreadable(file, 'does not exist', 'Create it. A relative path starts at the working directory of the process.')
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return unreadable(
      file,
      'may not be read by this process',
      'The user that runs it needs permission to read the file and its folder.',
    )
  }
  return unreadable(file, `could not be read: ${code ?? 'unknown error'}`)
}
