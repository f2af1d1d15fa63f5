import { type CompleteClock, sleep } from '../core/time/clock.js'
import { describeCall, type FakeCall } from './call-log.js'
import { faultError } from './fault-error.js'
import { type FakeFault, Faults } from './faults.js'
import type { BrokenAnswer } from './http/broken-answers.js'
import type { Input } from './input.js'
import { requireToken } from './operations/new-version.js'
import type { Output, ServiceContext } from './operations/operation.js'
import { checkCall, type FakeOperation, operations } from './operations/table.js'
import type { Rotations } from './rotations.js'
import type { SecretStore } from './secret-store.js'
import { unexpected } from './unexpected.js'

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

/** Receives calls as the service does: counts them, applies faults, and carries them out. */
export class FakeService {
  readonly faults: Faults
  readonly calls: FakeCall[] = []
  readonly #store: SecretStore
  readonly #rotations: Rotations
  readonly #clock: CompleteClock

  constructor(store: SecretStore, rotations: Rotations, clock: CompleteClock) {
    this.#store = store
    this.#rotations = rotations
    this.#clock = clock
    this.faults = new Faults((left, right) => left === right || (store.find(left) ?? left) === (store.find(right) ?? right))
  }

  /** Handles a call from outside. Its outcome is determined when it arrives; a delay only holds back the response. */
  async serve(name: string, input: Input, { signal = never, fromWire = false }: ServeOptions = {}): Promise<Served> {
    signal.throwIfAborted()
    checkCall(name, input)
    this.calls.push(describeCall(name, input, this.#clock.now()))
    const { delayMs, fault } = this.faults.take(name, typeof input.SecretId === 'string' ? input.SecretId : undefined)
    const outcome = settle(() => {
      const error = faultError(fault, name, input)
      if (error !== undefined) throw error
      if (fromWire) requireToken(name, input)
      return operations[name].run(
        input,
        this.#context(fault.answer === 'old', id => this.faults.takeForEntry(id)),
      )
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
  perform(name: FakeOperation, input: Input): Output {
    checkCall(name, input)
    return operations[name].run(
      input,
      this.#context(false, () => ({})),
    )
  }

  #context(old: boolean, takeForEntry: (secretId: string) => FakeFault): ServiceContext {
    return {
      store: this.#store,
      rotations: this.#rotations,
      now: () => this.#clock.now(),
      stateOf: secret => (old ? (secret.before ?? secret.state) : secret.state),
      faultOf: secretId => {
        const fault = takeForEntry(secretId)
        return { error: faultError(fault, 'GetSecretValue', { SecretId: secretId }), old: fault.answer === 'old' }
      },
    }
  }
}

function isBroken(answer: FakeFault['answer']): answer is Exclude<BrokenAnswer, 'reset'> {
  return answer !== undefined && answer !== 'old' && answer !== 'reset'
}

/** Runs now, and returns a function that returns or throws the outcome later. */
function settle<T>(run: () => T): () => T {
  try {
    const value = run()
    return () => value
  } catch (error) {
    return () => {
      throw error
    }
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }))
}
