import { ServiceError } from './service-error.js'

/** One version of a secret in the fake. Without a value it is the empty version that a rotation starts with. */
export interface SecretVersion {
  readonly id: string
  readonly createdMs: number
  readonly string?: string
  readonly binary?: Uint8Array
}

/**
 * The versions of a secret and its staging labels. It is immutable: the state before a change is kept, so that eventually consistent reads
 * can return it.
 */
export interface SecretState {
  readonly versions: ReadonlyMap<string, SecretVersion>
  /** Label to version id. A label is on one version at most. */
  readonly labels: ReadonlyMap<string, string>
}

/** The state of a secret that has no version yet. */
export const emptyState: SecretState = { versions: new Map(), labels: new Map() }

const mostLabels = 20

/** Adds a version, or sets the value of an empty one. */
export function withVersion(state: SecretState, version: SecretVersion): SecretState {
  return { ...state, versions: new Map(state.versions).set(version.id, version) }
}

/** Removes a version and its labels. */
export function withoutVersion(state: SecretState, versionId: string): SecretState {
  const versions = new Map(state.versions)
  versions.delete(versionId)
  return { versions, labels: new Map([...state.labels].filter(([, holder]) => holder !== versionId)) }
}

/** Attaches a label. With AWSCURRENT, it moves the other labels that the service moves. */
export function withLabel(state: SecretState, label: string, versionId: string): SecretState {
  const labels = new Map(state.labels)
  const holder = labels.get(label)
  if (label === 'AWSCURRENT' && holder !== undefined && holder !== versionId) {
    labels.set('AWSPREVIOUS', holder)
    // As recorded from the service: AWSPENDING stays on the version that becomes current, and is removed when AWSCURRENT leaves that
    // version. According to the user guide it is removed at once (rotation functions, finishSecret).
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

/** Removes a label from the version that has it. */
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

/** Whether a version has a value, unlike the empty one that a rotation starts with. */
export function hasValue(version: SecretVersion): boolean {
  return version.string !== undefined || version.binary !== undefined
}

/** Whether two versions have the same text or the same bytes. */
export function sameValue(
  left: Pick<SecretVersion, 'string' | 'binary'>,
  right: Pick<SecretVersion, 'string' | 'binary'>,
): boolean {
  if (left.string !== right.string) return false
  if (left.binary === undefined || right.binary === undefined) return left.binary === right.binary
  return Buffer.compare(left.binary, right.binary) === 0
}
