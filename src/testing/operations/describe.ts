import { flag, records, secretIdOf, text, whole } from '../input.js'
import type { Output } from '../output.js'
import { type SecretState, stagesOf } from '../secret-state.js'
import type { StoredSecret } from '../secret-store.js'
import { invalidMember } from '../service-error.js'
import { matching } from './filters.js'
import { identityOf, type Operation, stageMembers } from './operation.js'
import { pageOf } from './page.js'

/** DescribeSecret: also describes a secret that is scheduled for deletion. */
export const describeSecret: Operation = {
  members: ['SecretId'],
  reads: true,
  run(input, context) {
    const secret = context.store.require(secretIdOf(input))
    const stages = stagesByVersion(context.stateOf(secret))
    return { ...metadataOf(secret), ...(stages !== undefined && { VersionIdsToStages: stages }) }
  },
}

/** ListSecrets: in the order of creation. */
export const listSecrets: Operation = {
  members: ['Filters', 'IncludePlannedDeletion', 'MaxResults', 'NextToken', 'SortOrder'],
  reads: true,
  run(input, context) {
    const planned = flag(input, 'IncludePlannedDeletion') ?? false
    const found = matching(context.store.all(), records(input, 'Filters') ?? [])
    const shown = found.filter(secret => planned || secret.deletion === undefined)
    const order = text(input, 'SortOrder') ?? 'asc'
    if (order !== 'asc' && order !== 'desc') throw invalidMember('SortOrder', 'satisfy enum value set: [asc, desc]')
    if (order === 'desc') shown.reverse()
    const { items, ...next } = pageOf(shown, whole(input, 'MaxResults', 1, 100) ?? 100, text(input, 'NextToken'))
    const entryOf = (secret: StoredSecret): Output => {
      const stages = stagesByVersion(context.stateOf(secret))
      return { ...metadataOf(secret), ...(stages !== undefined && { SecretVersionsToStages: stages }) }
    }
    return { SecretList: items.map(entryOf), ...next }
  },
}

/** ListSecretVersionIds: in the order of creation. */
export const listSecretVersionIds: Operation = {
  members: ['SecretId', 'IncludeDeprecated', 'MaxResults', 'NextToken'],
  reads: true,
  run(input, context) {
    const secret = context.store.require(secretIdOf(input))
    const state = context.stateOf(secret)
    // moto always lists versions without labels, and has the name in place of the ARN.
    const deprecatedToo = flag(input, 'IncludeDeprecated') ?? false
    const shown = [...state.versions.values()].filter(({ id }) => deprecatedToo || stagesOf(state, id).length > 0)
    const { items, ...next } = pageOf(shown, whole(input, 'MaxResults', 1, 100) ?? 100, text(input, 'NextToken'))
    const entries = items.map(({ id, createdMs }) => {
      const accessedMs = secret.versionsAccessedMs.get(id)
      return {
        VersionId: id,
        ...stageMembers(state, id),
        CreatedDate: new Date(createdMs),
        ...(accessedMs !== undefined && { LastAccessedDate: new Date(accessedMs) }),
        KmsKeyIds: [secret.kmsKeyId ?? 'DefaultEncryptionKey'],
      }
    })
    return { ...identityOf(secret), Versions: entries, ...next }
  },
}

function metadataOf(secret: StoredSecret): Output {
  const { description, kmsKeyId, tags, rotation, deletion, accessedMs } = secret
  return {
    ...identityOf(secret),
    CreatedDate: new Date(secret.createdMs),
    LastChangedDate: new Date(secret.changedMs),
    ...(tags.length > 0 && { Tags: tags.map(tag => ({ ...tag })) }),
    ...(accessedMs !== undefined && { LastAccessedDate: new Date(accessedMs) }),
    ...(description !== undefined && description !== '' && { Description: description }),
    ...(kmsKeyId !== undefined && { KmsKeyId: kmsKeyId }),
    // The day on which the deletion was requested, not the day on which it is carried out.
    ...(deletion !== undefined && { DeletedDate: new Date(deletion.askedMs) }),
    ...(rotation !== undefined && rotationOf(rotation)),
  }
}

function rotationOf({ enabled, lambdaArn, rules, lastMs }: NonNullable<StoredSecret['rotation']>): Output {
  return {
    RotationEnabled: enabled,
    RotationLambdaARN: lambdaArn,
    ...(rules !== undefined && { RotationRules: { ...rules } }),
    ...(lastMs !== undefined && { LastRotatedDate: new Date(lastMs) }),
  }
}

/** Only versions with labels, undefined if there are none; the others are deprecated. moto includes them. */
function stagesByVersion(state: SecretState): Record<string, string[]> | undefined {
  const stages = [...state.versions.keys()].map((id): [string, string[]] => [id, stagesOf(state, id)])
  const labelled = stages.filter(([, labels]) => labels.length > 0)
  return labelled.length > 0 ? Object.fromEntries(labelled) : undefined
}
