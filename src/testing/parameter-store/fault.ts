import type { FakeFault } from '../faults.js'
import type { BrokenAnswer } from '../http/broken-answers.js'
import type { FakeParameterOperation } from './operations/table.js'

/** A fault of `FakeParameterStore`, and the calls that it affects. */
export interface FakeParameterFault extends Omit<FakeFault, 'operation' | 'secretId' | 'answer'> {
  /** The operation whose calls are affected. @default all operations */
  operation?: FakeParameterOperation | undefined
  /**
   * The parameter whose calls are affected, by its name or ARN. A call that names it among others is affected as a whole, as the service
   * fails GetParameters for one parameter that the caller may not read; only `old` affects this parameter alone. @default all parameters
   */
  name?: string | undefined
  /**
   * - `old`: a read returns the state before the last change of the parameter, as an eventually consistent service may.
   * - `reset`: the call is not carried out, and the connection is reset before the first byte of a response.
   * - Any other value: a response that no client can use, over HTTP only; see `BrokenAnswer`.
   */
  answer?: 'old' | BrokenAnswer | undefined
}
