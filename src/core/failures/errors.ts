/** What can go wrong, as the stable `code` of a `SecretCacheError`. */
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

/** What a `SecretCacheError` is made of. */
export interface SecretCacheErrorDetails {
  /** Stable; what callers compare with. */
  code: SecretCacheErrorCode
  /** What failed, for which id. Never a value. The hint is added at its end. */
  message: string
  /** The id as the caller passed it. */
  secretId?: string | undefined
  /** A copy of the foreign error, without what may quote a secret. */
  cause?: unknown
  /** The likely cause and the remedy. */
  hint?: string | undefined
}

const brand = Symbol.for('awscurrent.SecretCacheError')

/** What is logged of a cause. */
const causeFields = ['name', 'code', 'message', 'status', 'requestId'] as const

/**
 * Every error that awscurrent rejects with. Tell them apart by `code`, not by message or class: two copies of the package in one
 * process have two classes.
 *
 * It never holds a secret's value: `cause` is a copy of the foreign error with its name, code, HTTP status and request id, and with
 * its message where that cannot quote an answer. The message ends with the hint, because many loggers print nothing else.
 */
export class SecretCacheError extends Error {
  /** `SecretCacheError`, unless a subclass has a name of its own. */
  override readonly name: string = 'SecretCacheError'
  /** Stable; safe to compare with. */
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
    // Enumerable, unlike that of other errors: winston copies no other fields.
    if (cause !== undefined) Object.defineProperty(this, 'cause', { value: cause, enumerable: true })
    Object.defineProperty(this, brand, { value: true })
  }

  /** What a logger that writes JSON is to print: an `Error` has no fields of its own that it would. */
  toJSON(): Record<string, unknown> {
    const { name, code, message, hint, secretId, cause } = this
    return { name, code, message, hint, secretId, ...(cause instanceof Error && { cause: fieldsOf(cause) }) }
  }
}

function withHint(message: string, hint: string | undefined): string {
  // A copy's message has its hint already.
  if (hint === undefined || message.endsWith(hint)) return message
  return `${message}${/[.!?]$/.test(message) ? '' : '.'} ${hint}`
}

function fieldsOf(cause: Error): Record<string, unknown> {
  return Object.fromEntries(causeFields.map(field => [field, (cause as unknown as Record<string, unknown>)[field]]))
}

/**
 * Whether `error` is a `SecretCacheError`, also one of another copy of the package.
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

/** An error of the reader's own: a shared one would collect the traces of all who threw it. */
export function copyOf(error: SecretCacheError, secretId: string | undefined = error.secretId): SecretCacheError {
  const { code, message, cause, hint } = error
  return new SecretCacheError({ code, message, cause, hint, secretId })
}
