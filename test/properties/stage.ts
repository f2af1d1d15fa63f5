import type { SecretCache } from '../../src/index.js'
import type { Heard } from './heard.js'
import type { Judge } from './judge.js'
import type { Memory } from './memory.js'
import type { RefreshJudge } from './refresh-judge.js'
import type { Service } from './service.js'

/** What a run is made of. */
export interface Stage {
  readonly cache: SecretCache
  readonly service: Service
  readonly memory: Memory
  readonly judge: Judge
  readonly refreshJudge: RefreshJudge
  readonly heard: Heard
  readonly pending: Pending
  readonly spreadMs: number
}

/** The name of the error that an early leaver's call ends with. */
export const left = 'AbortError'

/** What a call was rejected with. */
export interface Failed {
  readonly code?: string
  readonly name?: string
}

/** What is not settled yet: in the end nothing may be. */
export class Pending {
  readonly open: Set<Promise<unknown>> = new Set()
  readonly #judge: Judge

  constructor(judge: Judge) {
    this.#judge = judge
  }

  add(promise: Promise<unknown>): void {
    this.open.add(promise)
    promise
      .catch((error: unknown) => this.#judge.convict('rejection', `the model itself: ${error}`))
      .finally(() => this.open.delete(promise))
  }
}
