import type { Input } from '../input.js'
import type { Output } from '../output.js'
import type { Rotations } from '../rotations.js'
import { type SecretState, type SecretVersion, stagesOf } from '../secret-state.js'
import type { SecretStore, StoredSecret } from '../secret-store.js'

/** What an operation needs to run. */
export interface ServiceContext {
  readonly store: SecretStore
  now(): number
  /** The state of a secret that this call sees: an eventually consistent read may see an earlier one. */
  stateOf(secret: StoredSecret): SecretState
  /** The fault that was injected for one secret of a batch. */
  faultOf(secretId: string): { error: Error | undefined; old: boolean }
  readonly rotations: Rotations
}

/** An operation of the service. */
export interface Operation {
  /** The members of its input that the fake knows; any other is rejected rather than ignored. */
  readonly members: readonly string[]
  /** Whether its response can be eventually consistent. */
  readonly reads?: true
  run(input: Input, context: ServiceContext): Output
}

/** The output of most operations. */
export function identityOf(secret: StoredSecret): { ARN: string; Name: string } {
  return { ARN: secret.arn, Name: secret.name }
}

/** The labels of a version: the service omits the member if there are none. */
export function stageMembers(state: SecretState, versionId: string): { VersionStages?: string[] } {
  const stages = stagesOf(state, versionId)
  return stages.length > 0 ? { VersionStages: stages } : {}
}

/** The value of a version, in the member that it belongs to. */
export function valueMembers(version: Pick<SecretVersion, 'string' | 'binary'>): {
  SecretString?: string
  SecretBinary?: Uint8Array
} {
  if (version.string !== undefined) return { SecretString: version.string }
  return version.binary === undefined ? {} : { SecretBinary: Uint8Array.from(version.binary) }
}
