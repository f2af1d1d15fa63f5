import type { Input } from './input.js'
import type { FakeOperation } from './operations/table.js'

/** A call that a fake has received. */
export interface FakeCall<Operation extends string = FakeOperation> {
  /** The operation, such as `GetSecretValue`. */
  readonly operation: Operation
  /** The input as it was received, without the value of the secret. */
  readonly input: Readonly<Record<string, unknown>>
  /** When the call was received, by the fake's clock. */
  readonly atMs: number
}

/** The part of a call that is logged. */
export function describeCall<Operation extends string>(
  operation: Operation,
  input: Input,
  atMs: number,
  confidential: readonly string[],
): FakeCall<Operation> {
  const shown = Object.entries(input).filter(([member, value]) => value !== undefined && !confidential.includes(member))
  return Object.freeze({ operation, input: Object.freeze(Object.fromEntries(shown)), atMs })
}
