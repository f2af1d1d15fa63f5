import type { Input } from './input.js'
import type { FakeOperation } from './operations/table.js'

/** A call that the fake received. */
export interface FakeCall {
  /** What was called, such as `GetSecretValue`. */
  readonly operation: FakeOperation
  /** As it came in, without the secret's value. */
  readonly input: Readonly<Record<string, unknown>>
  /** When, by the fake's clock. */
  readonly atMs: number
}

const confidential = new Set(['SecretString', 'SecretBinary', 'RotationToken'])

/** What the log keeps of a call. */
export function describeCall(operation: FakeOperation, input: Input, atMs: number): FakeCall {
  const shown = Object.entries(input).filter(([member, value]) => value !== undefined && !confidential.has(member))
  return Object.freeze({ operation, input: Object.freeze(Object.fromEntries(shown)), atMs })
}
