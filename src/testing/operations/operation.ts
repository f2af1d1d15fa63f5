import type { Input } from '../input.js'
import type { Rotations } from '../rotations.js'
import { type SecretState, type SecretVersion, stagesOf } from '../secret-state.js'
import type { SecretStore, StoredSecret } from '../secret-store.js'

/** What an operation answers, shaped as the SDK's output: dates are `Date`, blobs `Uint8Array`. */
export type Output = Readonly<Record<string, unknown>>

/** What an operation works with. */
export interface ServiceContext {
  readonly store: SecretStore
  now(): number
  /** The state of a secret that this call sees: an eventually consistent read may see one that has passed. */
  stateOf(secret: StoredSecret): SecretState
  /** Within a batch: what was injected for one of its secrets. */
  faultOf(secretId: string): { error: Error | undefined; old: boolean }
  readonly rotations: Rotations
}

/** An operation of the service. */
export interface Operation {
  /** The members of its input that the fake knows; any other is refused rather than ignored. */
  readonly members: readonly string[]
  /** Whether an eventually consistent answer makes sense. */
  readonly reads?: true
  run(input: Input, context: ServiceContext): Output
}

/** What most operations answer. */
export function identityOf(secret: StoredSecret): { ARN: string; Name: string } {
  return { ARN: secret.arn, Name: secret.name }
}

/** The labels of a version: the service leaves the member out when there are none. */
export function stageMembers(state: SecretState, versionId: string): { VersionStages?: string[] } {
  const stages = stagesOf(state, versionId)
  return stages.length > 0 ? { VersionStages: stages } : {}
}

/** The value of a version, in the one of two members that it belongs to. */
export function valueMembers(version: Pick<SecretVersion, 'string' | 'binary'>): {
  SecretString?: string
  SecretBinary?: Uint8Array
} {
  if (version.string !== undefined) return { SecretString: version.string }
  return version.binary === undefined ? {} : { SecretBinary: Uint8Array.from(version.binary) }
}
