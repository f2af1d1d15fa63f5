import { SecretCacheError, type SecretCacheErrorDetails } from '../core/failures/errors.js'

/** Why a message is not taken for genuine. Its `code` begins with `ERR_SNS_`. */
export class SnsMessageError extends SecretCacheError {
  /**
   * Whether the same message may be found genuine later, because its certificate could not be had: answer 503, and SNS sends it again.
   * Else it never will: answer 403.
   */
  readonly retryable: boolean

  constructor({ retryable = false, ...details }: SecretCacheErrorDetails & { retryable?: boolean }) {
    super(details)
    this.retryable = retryable
  }
}
