import { type CompleteClock, sleep } from '../core/time/clock.js'
import { describeCall, type FakeCall } from './call-log.js'
import { faultError } from './fault-error.js'
import { type ArmedFault, Faults } from './faults.js'
import type { BrokenAnswer } from './http/broken-answers.js'
import type { Input } from './input.js'
import type { Output } from './output.js'
import { ServiceError } from './service-error.js'
import { unexpected } from './unexpected.js'

/** A service that a fake imitates: what distinguishes it from the others. */
export interface ImitatedService<Operation extends string> {
  /** The class of the fake, for messages. */
  readonly fake: string
  /** The `$service` of its exceptions. */
  readonly sdkName: string
  /** The name in signatures and in the actions of policies. */
  readonly signingName: string
  /** What precedes the operation in the header `X-Amz-Target`. */
  readonly targetPrefix: string
  /** Its operations, and the members of their inputs that the fake knows; any other is rejected rather than ignored. */
  readonly operations: Readonly<Record<Operation, { readonly members: readonly string[] }>>
  /** The members of inputs that are not logged. */
  readonly confidential: readonly string[]
  /** The member of a fault that names the resource whose calls are affected. */
  readonly faultMember: string
  /** The resources that a call names. */
  resourcesIn(input: Input): readonly string[]
  /** Whether two ids are of one resource. */
  isSame(left: string, right: string): boolean
  /** Throws if a call from outside is rejected before it is carried out. */
  admit(operation: Operation, input: Input, fromWire: boolean): void
  /** Carries a call out. */
  run(operation: Operation, input: Input, faults: CallFaults): Output
}

/** The faults that a call meets while it is carried out. */
export interface CallFaults {
  /** Whether a read of this resource sees an earlier state, as one of an eventually consistent service may. */
  isOld(resourceId: string): boolean
  /** Takes the fault of one resource of a batch, whose members the service reads as this operation does. */
  takeForEntry(batch: string, single: string, resourceId: string): ArmedFault
}

const noFaults: CallFaults = { isOld: () => false, takeForEntry: () => ({}) }

/** The outcome of a call, and how its response is to be broken, if at all. */
export interface Served {
  output: Output
  broken?: Exclude<BrokenAnswer, 'reset'>
}

/** How a call was received. */
export interface ServeOptions {
  signal?: AbortSignal | undefined
  /** Whether the call came over HTTP, where the service expects the members that an SDK fills in. */
  fromWire?: boolean
}

const never = new AbortController().signal

/** Receives calls as the service does: counts them, applies faults, and has them carried out. */
export class FakeService<Operation extends string> {
  readonly service: ImitatedService<Operation>
  readonly calls: FakeCall<Operation>[] = []
  readonly faults: Faults
  readonly #clock: CompleteClock

  constructor(service: ImitatedService<Operation>, clock: CompleteClock) {
    this.service = service
    this.#clock = clock
    this.faults = new Faults(service)
  }

  /** Handles a call from outside. Its outcome is determined when it arrives; a delay only holds back the response. */
  async serve(name: string, input: Input, { signal = never, fromWire = false }: ServeOptions = {}): Promise<Served> {
    signal.throwIfAborted()
    this.#check(name, input)
    this.calls.push(describeCall(name, input, this.#clock.now(), this.service.confidential))
    const resources = this.service.resourcesIn(input)
    const { delayMs, fault } = this.faults.take(name, resources)
    const outcome = this.#settle(() => {
      const error = faultError(fault, `${this.service.signingName}:${name}`, resources[0])
      if (error !== undefined) throw error
      this.service.admit(name, input, fromWire)
      return this.service.run(name, input, {
        isOld: id => fault.answer === 'old' && this.faults.concerns(fault, id),
        takeForEntry: (batch, single, id) => this.faults.takeForEntry([batch, single], id),
      })
    })
    if (fault.hang) await aborted(signal)
    await (delayMs > 0 ? sleep(this.#clock, delayMs, signal) : Promise.resolve())
    signal.throwIfAborted()
    const output = outcome()
    return isBroken(fault.answer) ? { output, broken: fault.answer } : { output }
  }

  /** Handles a call from this process, where no bytes can be broken. */
  async answer(name: string, input: Input, signal?: AbortSignal): Promise<Output> {
    const { output, broken } = await this.serve(name, input, { signal })
    if (broken === undefined) return output
    throw unexpected(`The answer "${broken}" is for clients of listen(); in process it cannot be given.`, ['old', 'reset'])
  }

  /** Carries out an operation at once, without counting it and without faults. */
  perform(name: Operation, input: Input): Output {
    this.#check(name, input)
    return this.#settle(() => this.service.run(name, input, noFaults))()
  }

  /** The number of calls, of one operation or of all. */
  count(operation?: Operation): number {
    return this.calls.filter(call => operation === undefined || call.operation === operation).length
  }

  /** Runs now, and returns a function that returns or throws the outcome later. */
  #settle(run: () => Output): () => Output {
    try {
      const output = run()
      return () => output
    } catch (error) {
      if (error instanceof ServiceError) error.$service = this.service.sdkName
      return () => {
        throw error
      }
    }
  }

  /** Throws unless the fake implements the operation and every member of its input. */
  #check(name: string, input: Input): asserts name is Operation {
    const { fake, operations } = this.service
    if (!isOperation(name, operations)) throw unexpected(`${fake} has no operation ${name}.`, Object.keys(operations))
    const { members } = operations[name]
    for (const [member, value] of Object.entries(input)) {
      if (value === undefined || members.includes(member)) continue
      throw unexpected(`${fake} knows no ${member} in the input of ${name}.`, members)
    }
  }
}

function isOperation<Operation extends string>(
  name: string,
  operations: Readonly<Record<Operation, unknown>>,
): name is Operation {
  return Object.hasOwn(operations, name)
}

function isBroken(answer: ArmedFault['answer']): answer is Exclude<BrokenAnswer, 'reset'> {
  return answer !== undefined && answer !== 'old' && answer !== 'reset'
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }))
}
