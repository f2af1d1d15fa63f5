import { isArn } from '../core/secrets/secret-id.js'
import type { SecretRequest, SecretValue } from '../core/secrets/source.js'
import { bareName, isPassedOn } from './parameter-id.js'

/** A parameter in the answers of GetParameter and GetParameters. */
export interface Parameter {
  readonly ARN?: string | undefined
  readonly Name?: string | undefined
  readonly Version?: number | undefined
  readonly Value?: string | undefined
  readonly LastModifiedDate?: Date | undefined
  /** What Secrets Manager has answered, as JSON, for a reference that is passed on to it. */
  readonly SourceResult?: string | undefined
}

/** Reads a parameter as one version of a secret. The cache reports missing members, as for every source. */
export function valueFrom(
  parameter: Parameter,
  { secretId, versionId, versionStage = 'AWSCURRENT' }: SecretRequest,
  ownVersionId: string | undefined,
): SecretValue {
  const { ARN, Name, Value, LastModifiedDate } = parameter
  return {
    arn: ARN as string,
    // The service repeats the form that was asked, so each form leads to the parameter. The cache rejects any other name.
    name: isArn(secretId) || bareName(Name ?? '') !== bareName(secretId) ? (Name as string) : secretId,
    versionId: (isPassedOn(Name ?? '') ? versionPassedOn(parameter) : askedOr(versionId, ownVersionId)) as string,
    versionStages: versionId === undefined ? [versionStage] : [],
    createdDate: LastModifiedDate,
    string: Value,
  }
}

/** The version id by which this version was asked for, if it was: what follows its number is not in the answer. */
function askedOr(asked: string | undefined, own: string | undefined): string | undefined {
  return asked?.split('.')[0] === own?.split('.')[0] ? asked : own
}

/** A parameter that is passed on has no version of its own. The documentation and the service spell the member differently. */
function versionPassedOn({ SourceResult = '{}' }: Parameter): unknown {
  try {
    const { VersionId, versionId = VersionId } = JSON.parse(SourceResult) ?? {}
    return versionId
  } catch {
    // The text contains the secret, so V8's error would quote it.
    return undefined
  }
}
