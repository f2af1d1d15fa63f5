/** The type of a parameter. */
export type ParameterType = 'String' | 'StringList' | 'SecureString'

/** One version of a parameter in the fake. */
export interface ParameterVersion {
  readonly version: number
  readonly value: string
  readonly type: ParameterType
  readonly tier: 'Standard' | 'Advanced'
  readonly modifiedMs: number
  readonly description?: string
  readonly keyId?: string
  readonly allowedPattern?: string
}

/** A parameter in the fake. It is immutable: earlier states are kept, so that eventually consistent reads can return them. */
export interface Parameter {
  readonly arn: string
  /** The name under which it was created, with or without the leading slash. */
  readonly name: string
  /** The oldest first. */
  readonly versions: readonly [ParameterVersion, ...ParameterVersion[]]
  /** Label to version. A label is on one version at most. */
  readonly labels: ReadonlyMap<string, number>
}

/** The version that a read without a selector returns. */
export function latestOf({ versions }: Parameter): ParameterVersion {
  return versions.at(-1) ?? versions[0]
}

/** The version of this number, if the parameter still has it. */
export function versionOf({ versions }: Parameter, wanted: number): ParameterVersion | undefined {
  return versions.find(({ version }) => version === wanted)
}

/** The labels of a version. */
export function labelsOf({ labels }: Parameter, version: number): string[] {
  return [...labels].filter(([, holder]) => holder === version).map(([label]) => label)
}
