import type { Input } from '../../input.js'
import type { Output } from '../../output.js'
import type { Place } from '../names.js'
import type { ParameterStore } from '../parameter-store.js'

/** What an operation needs to run. */
export interface ParameterContext extends Place {
  readonly store: ParameterStore
  now(): number
  /** Whether this call sees an earlier state of the parameter, as an eventually consistent read may. */
  isOld(name: string): boolean
  /** Reads a secret for a parameter that references it: GetSecretValue. */
  readSecret(input: Input): Output
}

/** An operation of the service. */
export interface ParameterOperationRule {
  /** The members of its input that the fake knows; any other is rejected rather than ignored. */
  readonly members: readonly string[]
  run(input: Input, context: ParameterContext): Output
}
