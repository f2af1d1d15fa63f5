/** The codes of `SecretCacheError`. They are stable, so compare with them. The page "When things fail" has the meaning and remedy of each. */
export type SecretCacheErrorCode =
  | 'ERR_SECRET_NOT_FOUND'
  | 'ERR_SECRET_DELETED'
  | 'ERR_SECRET_ACCESS_DENIED'
  | 'ERR_SECRET_DECRYPTION'
  | 'ERR_SECRET_THROTTLED'
  | 'ERR_SECRET_UNAVAILABLE'
  | 'ERR_SECRET_TIMEOUT'
  | 'ERR_SECRET_CONFIG'
  | 'ERR_SECRET_CREDENTIALS'
  | 'ERR_SECRET_REQUEST'
  | 'ERR_SECRET_FORMAT'
  | 'ERR_SECRET_SCHEMA'
  | 'ERR_SECRET_ACCOUNT'
  | 'ERR_SECRET_VERSION'
  | 'ERR_SECRET_CACHE_CLOSED'
  | 'ERR_SNS_MESSAGE'
  | 'ERR_SNS_TOPIC'
  | 'ERR_SNS_SIGNATURE'
  | 'ERR_SNS_CERTIFICATE'
  | 'ERR_ROTATION_STEP'
  | 'ERR_FAKE_UNEXPECTED'

/** The argument of the constructor of `SecretCacheError`. */
export interface SecretCacheErrorDetails {
  /** The stable code that callers compare with. */
  code: SecretCacheErrorCode
  /** What failed, for which id. Never the value of a secret. The hint is appended. */
  message: string
  /** The id as the caller passed it. */
  secretId?: string | undefined
  /** A copy of the original error, without anything that may quote a secret. */
  cause?: unknown
  /** The likely cause and the remedy, appended to the message. */
  hint?: string | undefined
}

const brand = Symbol.for('awscurrent.SecretCacheError')

/** The fields of a cause that `toJSON` includes. */
const causeFields = ['name', 'code', 'message', 'status', 'requestId'] as const

/**
 * The error of every failed operation of awscurrent. Distinguish errors by `code`, not by message or class: two copies of the package in
 * one process have two classes, so use `isSecretCacheError` instead of `instanceof`.
 *
 * It never contains the value of a secret: `cause` is a copy of the original error with its name, code, HTTP status and request id, and
 * with its message if that cannot quote a response. The message ends with the hint, because many loggers print nothing else.
 *
 * @example
 * secrets.on('error', ({ error }) => console.warn(error.code, error.secretId, error.hint))
 */
export class SecretCacheError extends Error {
  /** `SecretCacheError`, unless a subclass has its own name. */
  override readonly name: string = 'SecretCacheError'
  /** The stable code that callers compare with. */
  readonly code: SecretCacheErrorCode
  /** The id as the caller passed it. */
  declare readonly secretId?: string
  /** The likely cause and what to do about it. */
  declare readonly hint?: string

  constructor({ code, message, secretId, cause, hint }: SecretCacheErrorDetails) {
    super(withHint(message, hint))
    this.code = code
    if (secretId !== undefined) this.secretId = secretId
    if (hint !== undefined) this.hint = hint
    // Enumerable, unlike in other errors, because winston copies only enumerable fields.
    if (cause !== undefined) Object.defineProperty(this, 'cause', { value: cause, enumerable: true })
    Object.defineProperty(this, brand, { value: true })
  }

  /** The output of JSON.stringify, for loggers that write JSON: the fields of a plain `Error` would be left out. */
  toJSON(): Record<string, unknown> {
    const { name, code, message, hint, secretId, cause } = this
    return { name, code, message, hint, secretId, ...(cause instanceof Error && { cause: fieldsOf(cause) }) }
  }
}

function withHint(message: string, hint: string | undefined): string {
  // The message of a copy already ends with the hint.
  if (hint === undefined || message.endsWith(hint)) return message
  return `${message}${/[.!?]$/.test(message) ? '' : '.'} ${hint}`
}

function fieldsOf(cause: Error): Record<string, unknown> {
  return Object.fromEntries(causeFields.map(field => [field, (cause as unknown as Record<string, unknown>)[field]]))
}

/**
 * Returns whether `error` is a `SecretCacheError`, also one of another copy of the package. Prefer it to `instanceof`.
 *
 * @example
 * try {
 *   await secrets.getSecretString('prod/api-key')
 * } catch (error) {
 *   if (!isSecretCacheError(error) || error.code !== 'ERR_SECRET_NOT_FOUND') throw error
 * }
 */
export function isSecretCacheError(error: unknown): error is SecretCacheError {
  return (error as { [brand]?: unknown } | null | undefined)?.[brand] === true
}

/** A copy of an error for one reader: each reader gets an error object and a stack trace of its own. */
export function copyOf(error: SecretCacheError, secretId: string | undefined = error.secretId): SecretCacheError {
  const { code, message, cause, hint } = error
  return new SecretCacheError({ code, message, cause, hint, secretId })
}
