import { Emitter } from '../core/events/emitter.js'
import type { Secret } from '../core/secrets/secret.js'
import type { ErrorKind } from '../pools/error-kind.js'
import { poolEventTypes } from '../pools/pool-events.js'
import { refusedReason, triedAgain } from '../pools/refused-reason.js'
import type { SwapEvent } from './swap-events.js'

const staysAsItIs = 'The client that is there stays, and it is tried again.'

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

  refused(secret: Secret, error: unknown, { isInUse, kind }: { isInUse: boolean; kind: ErrorKind }): void {
    const consequence = isInUse ? triedAgain : staysAsItIs
    this.emit('refused', () => refusedReason(this.#about(secret), { error, kind, consequence }))
  }

  #about({ versionId }: Secret): { secretId: string; versionId: string } {
    return { secretId: this.#secretId, versionId }
  }
}
