import type { ImitatedService } from './fake-service.js'
import { type BrokenAnswer, brokenAnswers } from './http/broken-answers.js'
import type { FakeOperation } from './operations/table.js'
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

/** The effects of a fault, whatever the service. */
type FaultEffects = Omit<FakeFault, 'operation' | 'secretId'>

/** A fault of any service, with the resource whose calls it affects. */
export interface ArmedFault extends FaultEffects {
  operation?: string | undefined
  resourceId?: string | undefined
}

/** The effect of faults on one call. */
interface CallEffect {
  delayMs: number
  /** At most one of hang, error and answer. */
  fault: ArmedFault
}

/** What the faults of a service depend on. */
type FaultyService = Pick<ImitatedService<string>, 'fake' | 'operations' | 'faultMember' | 'isSame'>

const answers = ['old', ...brokenAnswers]

/** The faults of a fake, in the order in which they were injected. */
export class Faults {
  readonly #service: FaultyService
  readonly #left = new Map<ArmedFault, number>()

  constructor(service: FaultyService) {
    this.#service = service
  }

  inject(fault: FaultEffects & Pick<ArmedFault, 'operation'>, resourceId: string | undefined): () => void {
    checkFault(fault, this.#service)
    const injected = { ...fault, resourceId }
    this.#left.set(injected, fault.times ?? Number.POSITIVE_INFINITY)
    return () => {
      this.#left.delete(injected)
    }
  }

  recover(): void {
    this.#left.clear()
  }

  /** Delays add up. Of the faults that determine a response, only the first applies, and the next one is left for the next call. */
  take(operation: string, resourceIds: readonly string[]): CallEffect {
    let delayMs = 0
    let decided: ArmedFault | undefined
    for (const fault of [...this.#left.keys()]) {
      if (!this.#matches(fault, operation, resourceIds) || (decides(fault) && decided !== undefined)) continue
      this.#use(fault)
      delayMs += fault.delayMs ?? 0
      if (decides(fault)) decided = fault
    }
    return { delayMs, fault: decided ?? {} }
  }

  /** The fault of one resource in a batch, which is read as each of these operations would. */
  takeForEntry(operations: readonly string[], resourceId: string): ArmedFault {
    for (const fault of this.#left.keys()) {
      if (fault.resourceId === undefined || (fault.error === undefined && fault.answer !== 'old')) continue
      if (!operations.some(operation => this.#matches(fault, operation, [resourceId]))) continue
      this.#use(fault)
      return fault
    }
    return {}
  }

  /** Whether a fault affects this resource. */
  concerns({ resourceId: affected }: ArmedFault, resourceId: string): boolean {
    return affected === undefined || this.#service.isSame(affected, resourceId)
  }

  #matches(fault: ArmedFault, operation: string, resourceIds: readonly string[]): boolean {
    if (fault.operation !== undefined && fault.operation !== operation) return false
    return fault.resourceId === undefined || resourceIds.some(resourceId => this.concerns(fault, resourceId))
  }

  #use(fault: ArmedFault): void {
    const left = (this.#left.get(fault) ?? 0) - 1
    if (left > 0) this.#left.set(fault, left)
    else this.#left.delete(fault)
  }
}

function decides({ hang, error, answer }: ArmedFault): boolean {
  return hang !== undefined || error !== undefined || answer !== undefined
}

function checkFault(fault: ArmedFault, { fake, operations, faultMember }: FaultyService): void {
  const { operation, times = 1, delayMs = 0, hang, error, answer } = fault
  const members = ['operation', faultMember, 'times', 'delayMs', 'hang', 'error', 'message', 'status', 'answer']
  for (const member of Object.keys(fault)) {
    if (!members.includes(member)) throw unexpected(`A fault has no ${member}.`, members)
  }
  if (operation !== undefined && !Object.hasOwn(operations, operation)) {
    throw unexpected(`${fake} has no operation ${operation}.`, Object.keys(operations))
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
