import { isSecretCacheError, type SecretCacheErrorCode } from '../core/failures/errors.js'
import { exitCodes } from './exit-codes.js'

/** Something that the user can put right: its message is all that is printed. */
export class CliError extends Error {
  override readonly name: string = 'CliError'
  readonly exitCode: number

  constructor(message: string, exitCode: number = exitCodes.usage) {
    super(message)
    this.exitCode = exitCode
  }
}

/** The failures that are not about one secret: AWS cannot be asked. */
const unreachable: ReadonlySet<SecretCacheErrorCode> = new Set([
  'ERR_SECRET_CONFIG',
  'ERR_SECRET_CREDENTIALS',
  'ERR_SECRET_THROTTLED',
  'ERR_SECRET_TIMEOUT',
  'ERR_SECRET_UNAVAILABLE',
])

/** The exit code for an error. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof CliError) return error.exitCode
  // The library checks its arguments by TypeErrors.
  if (error instanceof TypeError) return exitCodes.usage
  if (!isSecretCacheError(error)) return exitCodes.failed
  if (error.code === 'ERR_SECRET_REQUEST') return exitCodes.usage
  return unreachable.has(error.code) ? exitCodes.unreachable : exitCodes.failed
}

/** What is told about an error: one line, and its code if it has one. */
export function describeError(error: unknown): { code?: string; message: string } {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown }
  // The hints of the library name options of its own.
  const lines = String(message ?? error).split('\n')
  const line = lines.map(part => part.trim()).join(' ')
  return { ...(typeof code === 'string' && { code }), message: line.replace('Pass { region }', 'Pass --region') }
}
