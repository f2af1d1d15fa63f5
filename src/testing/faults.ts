import { type BrokenAnswer, brokenAnswers } from './http/broken-answers.js'
import { type FakeOperation, operations } from './operations/table.js'
import { unexpected } from './unexpected.js'

/** Something that goes wrong, and for which calls. */
export interface FakeFault {
  /** Only calls of this operation. */
  operation?: FakeOperation | undefined
  /** Only calls for this secret, by any of its ids. Within a BatchGetSecretValue: an `error` or `old` for this one secret. */
  secretId?: string | undefined
  /** How many calls it befalls. @default until `recover()` */
  times?: number | undefined
  /** The answer comes this much later, in milliseconds of the fake's clock. What it says was settled when the call arrived. */
  delayMs?: number | undefined
  /** No answer ever comes; the call ends when its signal aborts. */
  hang?: true
  /** The call is not carried out and fails with an exception of this name, such as `ThrottlingException`. */
  error?: string | undefined
  /** The exception's message. @default what the service says */
  message?: string | undefined
  /** The exception's HTTP status. @default 500 or 503 for the service's own faults, else 400 */
  status?: number | undefined
  /**
   * `old`: a read is answered as before AWSCURRENT last moved, as an eventually consistent service may.
   * `reset`: the connection is reset before a byte of an answer, and the call is not carried out.
   * Anything else is an answer that can't be used, over HTTP only.
   */
  answer?: 'old' | BrokenAnswer | undefined
}

/** What befalls one call. */
export interface Effect {
  delayMs: number
  /** At most one of hang, error and answer. */
  fault: FakeFault
}

type SameSecret = (left: string, right: string) => boolean

const members = ['operation', 'secretId', 'times', 'delayMs', 'hang', 'error', 'message', 'status', 'answer']
const answers = ['old', ...brokenAnswers]

/** The faults of a fake, in the order they were injected. */
export class Faults {
  readonly #sameSecret: SameSecret
  readonly #left = new Map<FakeFault, number>()

  constructor(sameSecret: SameSecret) {
    this.#sameSecret = sameSecret
  }

  inject(fault: FakeFault): () => void {
    checkFault(fault)
    const injected = { ...fault }
    this.#left.set(injected, fault.times ?? Number.POSITIVE_INFINITY)
    return () => {
      this.#left.delete(injected)
    }
  }

  recover(): void {
    this.#left.clear()
  }

  /** Delays add up; of the faults that decide an answer only the first counts, and the next waits for the next call. */
  take(operation: string, secretId: string | undefined): Effect {
    let delayMs = 0
    let decided: FakeFault | undefined
    for (const fault of [...this.#left.keys()]) {
      if (!this.#matches(fault, operation, secretId) || (decides(fault) && decided !== undefined)) continue
      this.#use(fault)
      delayMs += fault.delayMs ?? 0
      if (decides(fault)) decided = fault
    }
    return { delayMs, fault: decided ?? {} }
  }

  /** What befalls one secret of a batch: the service reads each as GetSecretValue would. */
  takeForEntry(secretId: string): FakeFault {
    for (const fault of this.#left.keys()) {
      if (fault.secretId === undefined || (fault.error === undefined && fault.answer !== 'old')) continue
      if (!['BatchGetSecretValue', 'GetSecretValue'].some(operation => this.#matches(fault, operation, secretId))) continue
      this.#use(fault)
      return fault
    }
    return {}
  }

  #matches(fault: FakeFault, operation: string, secretId: string | undefined): boolean {
    if (fault.operation !== undefined && fault.operation !== operation) return false
    return fault.secretId === undefined || (secretId !== undefined && this.#sameSecret(fault.secretId, secretId))
  }

  #use(fault: FakeFault): void {
    const left = (this.#left.get(fault) ?? 0) - 1
    if (left > 0) this.#left.set(fault, left)
    else this.#left.delete(fault)
  }
}

function decides({ hang, error, answer }: FakeFault): boolean {
  return hang !== undefined || error !== undefined || answer !== undefined
}

function checkFault(fault: FakeFault): void {
  const { operation, times = 1, delayMs = 0, hang, error, answer } = fault
  for (const member of Object.keys(fault)) {
    if (!members.includes(member)) throw unexpected(`A fault has no ${member}.`, members)
  }
  if (operation !== undefined && !Object.hasOwn(operations, operation)) {
    throw unexpected(`FakeSecretsManager has no operation ${operation}.`, Object.keys(operations))
  }
  if (answer !== undefined && !answers.includes(answer)) throw unexpected(`There is no answer "${answer}".`, answers)
  if ([hang, error, answer].filter(effect => effect !== undefined).length > 1) {
    throw new TypeError('A fault has one of hang, error and answer; inject a second one for the calls after it.')
  }
  if (!decides(fault) && fault.delayMs === undefined)
    throw new TypeError('A fault without delayMs, hang, error or answer does nothing.')
  if (!(Number.isInteger(times) && times > 0)) throw new TypeError('times must be a whole number above 0.')
  if (!(Number.isFinite(delayMs) && delayMs >= 0)) throw new TypeError('delayMs must be a number of milliseconds.')
}
