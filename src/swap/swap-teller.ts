import { Emitter } from '../core/events/emitter.js'
import { isSecretCacheError } from '../core/failures/errors.js'
import type { Secret } from '../core/secrets/secret.js'
import { poolEventTypes } from '../pools/pool-events.js'
import type { SwapEvent } from './swap-events.js'

/** Puts what happens to a swap into events. */
export class SwapTeller extends Emitter<SwapEvent> {
  readonly #secretId: string

  constructor(secretId: string) {
    super(poolEventTypes)
    this.#secretId = secretId
  }

  credentials(secret: Secret, { pending }: { pending: boolean }): void {
    this.emit('credentials', () => ({ ...this.#about(secret), pending }))
  }

  retired(secret: Secret, drained: boolean): void {
    this.emit('retired', () => ({ ...this.#about(secret), drained }))
  }

  window(secret: Secret, phase: 'opened' | 'closed'): void {
    this.emit('window', () => ({ ...this.#about(secret), phase }))
  }

  refused(secret: Secret, error: unknown, how: { isAuthError: boolean; consequence: string }): void {
    const what = `Version ${secret.versionId} of ${this.#secretId}`
    // The words of a driver may be those of the secret; ours are not.
    const own = isSecretCacheError(error) ? ` ${error.message}` : ''
    const happened = how.isAuthError ? `${what} is refused.` : `${what} could not be tried.${own}`
    const { code } = error as { code?: unknown }
    this.emit('refused', () => ({
      ...this.#about(secret),
      reason: `${happened} ${how.consequence}`,
      code: typeof code === 'string' ? code : undefined,
    }))
  }

  #about({ versionId }: Secret): { secretId: string; versionId: string } {
    return { secretId: this.#secretId, versionId }
  }
}
