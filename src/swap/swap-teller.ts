import { Emitter } from '../core/events/emitter.js'
import type { ErrorKind } from '../pools/error-kind.js'
import type { Version } from '../pools/followed-logins.js'
import type { LoginTeller } from '../pools/login-teller.js'
import { poolEventTypes } from '../pools/pool-events.js'
import { refusedReason } from '../pools/refused-reason.js'
import type { SwapEvent } from './swap-events.js'

/** What happens to a client while a newer version does not work. */
export const staysAsItIs = 'The current client stays, and the version is tried again.'

/** Emits the events of a swap. */
export class SwapTeller extends Emitter<SwapEvent> implements LoginTeller<Version> {
  readonly #secretId: string | undefined

  constructor(secretId: string | undefined) {
    super(poolEventTypes)
    this.#secretId = secretId
  }

  credentials(version: Version, { pending }: { pending: boolean }): void {
    this.emit('credentials', () => ({ ...this.#about(version), pending }))
  }

  retired(version: Version, drained: boolean): void {
    this.emit('retired', () => ({ ...this.#about(version), drained }))
  }

  window(version: Version, phase: 'opened' | 'closed'): void {
    this.emit('window', () => ({ ...this.#about(version), phase }))
  }

  refused(version: Version, error: unknown, how: { kind: ErrorKind; consequence: string }): void {
    this.emit('refused', () => refusedReason(this.#about(version), { error, ...how }))
  }

  #about({ versionId }: Version): { secretId: string | undefined; versionId: string } {
    return { secretId: this.#secretId, versionId }
  }
}
