import type { Input } from './input.js'
import type { FakeOperation } from './operations/table.js'

/** A call that the fake has received. */
export interface FakeCall {
  /** The operation, such as `GetSecretValue`. */
  readonly operation: FakeOperation
  /** The input as it was received, without the value of the secret. */
  readonly input: Readonly<Record<string, unknown>>
  /** When the call was received, by the fake's clock. */
  readonly atMs: number
}

const confidential = new Set(['SecretString', 'SecretBinary', 'RotationToken'])

/** The part of a call that is logged. */
export function describeCall(operation: FakeOperation, input: Input, atMs: number): FakeCall {
  const shown = Object.entries(input).filter(([member, value]) => value !== undefined && !confidential.has(member))
  return Object.freeze({ operation, input: Object.freeze(Object.fromEntries(shown)), atMs })
}
