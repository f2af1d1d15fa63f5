import { type BrokenAnswer, brokenAnswers } from './http/broken-answers.js'
import { type FakeOperation, operations } from './operations/table.js'
import { unexpected } from './unexpected.js'

/** A fault of the fake, and the calls that it affects. */
export interface FakeFault {
  /** The operation whose calls are affected. @default all operations */
  operation?: FakeOperation | undefined
  /**
   * The secret whose calls are affected, by its name or ARN. Within a BatchGetSecretValue, an `error` or `old` affects only this secret.
   * @default all secrets
   */
  secretId?: string | undefined
  /** How many calls are affected. @default until `recover()` */
  times?: number | undefined
  /** Delays the response by this many milliseconds of the fake's clock. Its content is determined when the call arrives. @default 0 */
  delayMs?: number | undefined
  /** There is never a response; the call ends when its signal aborts. */
  hang?: true
  /** The call is not carried out and fails with an exception of this name, such as `ThrottlingException`. */
  error?: string | undefined
  /** The message of the exception. @default the message of the service */
  message?: string | undefined
  /** The HTTP status of the exception. @default 500 or 503 for faults of the service, otherwise 400 */
  status?: number | undefined
  /**
   * - `old`: a read returns the state before AWSCURRENT last moved, as an eventually consistent service may.
   * - `reset`: the call is not carried out, and the connection is reset before the first byte of a response.
   * - Any other value: a response that no client can use, over HTTP only; see `BrokenAnswer`.
   */
  answer?: 'old' | BrokenAnswer | undefined
}

/** The effect of faults on one call. */
export interface Effect {
  delayMs: number
  /** At most one of hang, error and answer. */
  fault: FakeFault
}

type SameSecret = (left: string, right: string) => boolean

const members = ['operation', 'secretId', 'times', 'delayMs', 'hang', 'error', 'message', 'status', 'answer']
const answers = ['old', ...brokenAnswers]

/** The faults of a fake, in the order in which they were injected. */
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

  /** Delays add up. Of the faults that determine a response, only the first applies, and the next one is left for the next call. */
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

  /** The fault of one secret in a batch: the service reads each as GetSecretValue would. */
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
