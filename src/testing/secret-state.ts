import { ServiceError } from './service-error.js'

/** One version of a secret in the fake. Without a value it is the empty version that a rotation begins with. */
export interface SecretVersion {
  readonly id: string
  readonly createdMs: number
  readonly string?: string
  readonly binary?: Uint8Array
}

/**
 * The versions of a secret and where its staging labels are, never changed in place: the state before a change stays whole, and an
 * eventually consistent read can be answered from it.
 */
export interface SecretState {
  readonly versions: ReadonlyMap<string, SecretVersion>
  /** Label to version id. A label cannot be at two versions. */
  readonly labels: ReadonlyMap<string, string>
}

/** The state of a secret that has no version yet. */
export const emptyState: SecretState = { versions: new Map(), labels: new Map() }

const mostLabels = 20

/** Adds a version, or gives an empty one its value. */
export function withVersion(state: SecretState, version: SecretVersion): SecretState {
  return { ...state, versions: new Map(state.versions).set(version.id, version) }
}

/** Removes a version and the labels that it has. */
export function withoutVersion(state: SecretState, versionId: string): SecretState {
  const versions = new Map(state.versions)
  versions.delete(versionId)
  return { versions, labels: new Map([...state.labels].filter(([, holder]) => holder !== versionId)) }
}

/** Attaches a label, and with AWSCURRENT moves what the service moves along. */
export function withLabel(state: SecretState, label: string, versionId: string): SecretState {
  const labels = new Map(state.labels)
  const holder = labels.get(label)
  if (label === 'AWSCURRENT' && holder !== undefined && holder !== versionId) {
    labels.set('AWSPREVIOUS', holder)
    // As recorded from the service: AWSPENDING stays on the version that becomes current, and goes when AWSCURRENT leaves that version.
    // The user guide has it go at once (rotation functions, finishSecret).
    if (labels.get('AWSPENDING') === holder) labels.delete('AWSPENDING')
  }
  labels.set(label, versionId)
  if (labels.size > mostLabels) {
    throw new ServiceError(
      'LimitExceededException',
      `You can't attach more than ${mostLabels} staging labels to the versions of a secret.`,
    )
  }
  return { ...state, labels }
}

/** Takes a label off the version that has it. */
export function withoutLabel(state: SecretState, label: string): SecretState {
  const labels = new Map(state.labels)
  labels.delete(label)
  return { ...state, labels }
}

/** The labels of a version. */
export function stagesOf(state: SecretState, versionId: string): string[] {
  return [...state.labels].filter(([, holder]) => holder === versionId).map(([label]) => label)
}

/** The version with a label, if it has a value. */
export function labelledVersion(state: SecretState, label: string): SecretVersion | undefined {
  return state.versions.get(state.labels.get(label) ?? '')
}

/** Whether a version is more than the beginning of a rotation. */
export function hasValue(version: SecretVersion): boolean {
  return version.string !== undefined || version.binary !== undefined
}

/** Whether two versions hold the same text or the same bytes. */
export function sameValue(
  left: Pick<SecretVersion, 'string' | 'binary'>,
  right: Pick<SecretVersion, 'string' | 'binary'>,
): boolean {
  if (left.string !== right.string) return false
  if (left.binary === undefined || right.binary === undefined) return left.binary === right.binary
  return Buffer.compare(left.binary, right.binary) === 0
}
