import { SecretCacheError, type SecretCacheErrorDetails } from '../core/failures/errors.js'

/**
 * The error of a message that could not be verified. Its `code` is `ERR_SNS_MESSAGE` (not a message of SNS, or too old), `ERR_SNS_TOPIC`
 * (not one of `topicArns`), `ERR_SNS_SIGNATURE` (invalid, or of a version that is not accepted) or `ERR_SNS_CERTIFICATE` (not available, or
 * not acceptable).
 */
export class SnsMessageError extends SecretCacheError {
  /**
   * Whether the same message may be verified later, because its certificate was not available: respond with 503, and SNS retries it.
   * Otherwise it never will be: respond with 403.
   */
  readonly retryable: boolean

  constructor({ retryable = false, ...details }: SecretCacheErrorDetails & { retryable?: boolean }) {
    super(details)
    this.retryable = retryable
  }
}
