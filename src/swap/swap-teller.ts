import { Emitter } from '../core/events/emitter.js'
import type { Secret } from '../core/secrets/secret.js'
import type { ErrorKind } from '../pools/error-kind.js'
import type { Version } from '../pools/followed-secret.js'
import type { LoginTeller } from '../pools/login-teller.js'
import { poolEventTypes } from '../pools/pool-events.js'
import { refusedReason } from '../pools/refused-reason.js'
import type { SwapEvent } from './swap-events.js'

/** What happens to a client while a newer version does not work. */
export const staysAsItIs = 'The current client stays, and the version is tried again.'

/** Emits the events of a swap. */
export class SwapTeller extends Emitter<SwapEvent> implements LoginTeller<Secret> {
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

  refused(version: Version, error: unknown, how: { kind: ErrorKind; consequence: string }): void {
    this.emit('refused', () => refusedReason(this.#about(version), { error, ...how }))
  }

  #about({ versionId }: Version): { secretId: string; versionId: string } {
    return { secretId: this.#secretId, versionId }
  }
}
