import { records, secretIdOf, text, texts, versionIdOf, whole } from '../input.js'
import type { Output } from '../output.js'
import { hasValue, type SecretState, type SecretVersion } from '../secret-state.js'
import type { StoredSecret } from '../secret-store.js'
import { invalidParameter, invalidRequest, ServiceError, valueNotFound } from '../service-error.js'
import { matching } from './filters.js'
import { identityOf, type Operation, type ServiceContext, stageMembers, valueMembers } from './operation.js'
import { pageOf } from './page.js'

const dayMs = 86_400_000

/** GetSecretValue: by stage, by version, or by both if they agree. */
export const getSecretValue: Operation = {
  members: ['SecretId', 'VersionId', 'VersionStage'],
  reads: true,
  run(input, context) {
    const versionId = versionIdOf(input, 'VersionId')
    const secret = context.store.requireLive(secretIdOf(input))
    return read(secret, context.stateOf(secret), context, versionId, text(input, 'VersionStage'))
  },
}

/** BatchGetSecretValue: AWSCURRENT of up to 20 secrets, by ids or filters. */
export const batchGetSecretValue: Operation = {
  members: ['SecretIdList', 'Filters', 'MaxResults', 'NextToken'],
  reads: true,
  run(input, context) {
    const ids = texts(input, 'SecretIdList', 20)
    const filters = records(input, 'Filters')
    if ((ids === undefined) === (filters === undefined)) {
      throw invalidParameter("Either 'SecretIdList' or 'Filters' must be provided, but not both.")
    }
    const most = whole(input, 'MaxResults', 1, 20)
    if (ids !== undefined) {
      if (most !== undefined) {
        throw invalidParameter("'Filters' not specified. 'Filters' must also be specified when 'MaxResults' is provided.")
      }
      return readAll(ids, context)
    }
    const found = matching(context.store.all(), filters ?? []).filter(secret => secret.deletion === undefined)
    const { items, NextToken } = pageOf(found, most ?? 20, text(input, 'NextToken'))
    const answer = readAll(
      items.map(secret => secret.arn),
      context,
    )
    return NextToken === undefined ? answer : { ...answer, NextToken }
  },
}

/**
 * Each secret that cannot be read becomes an entry of `Errors`; the call itself succeeds. In moto, a secret without a value makes the call
 * fail.
 */
function readAll(ids: readonly string[], context: ServiceContext): Output {
  const values: Output[] = []
  const errors: { SecretId: string; ErrorCode: string; Message: string }[] = []
  for (const id of ids) {
    try {
      const { error, old } = context.faultOf(id)
      if (error !== undefined) throw error
      const secret = context.store.requireLive(id)
      values.push(read(secret, old ? (secret.before ?? secret.state) : context.stateOf(secret), context))
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error
      errors.push({ SecretId: id, ErrorCode: error.name, Message: error.message })
    }
  }
  return { SecretValues: values, Errors: errors }
}

function read(secret: StoredSecret, state: SecretState, context: ServiceContext, versionId?: string, stage?: string): Output {
  const version = select(state, versionId, stage)
  const now = context.now()
  // The documented precision is a day.
  secret.accessedMs = now - (now % dayMs)
  secret.versionsAccessedMs.set(version.id, secret.accessedMs)
  return {
    ...identityOf(secret),
    VersionId: version.id,
    ...valueMembers(version),
    ...stageMembers(state, version.id),
    CreatedDate: new Date(version.createdMs),
  }
}

function select(state: SecretState, versionId: string | undefined, stage: string | undefined): SecretVersion {
  if (versionId === undefined) {
    const label = stage ?? 'AWSCURRENT'
    const version = state.versions.get(state.labels.get(label) ?? '')
    // moto reports that the secret does not exist when only the label is missing. Without a stage in the request, it keeps returning the
    // version that was put last, wherever UpdateSecretVersionStage has moved AWSCURRENT.
    if (version === undefined || !hasValue(version)) throw valueNotFound('staging label', label)
    return version
  }
  const version = state.versions.get(versionId)
  if (version === undefined) throw valueNotFound('VersionId', versionId)
  if (stage !== undefined && state.labels.get(stage) !== versionId) {
    throw invalidRequest('You provided a VersionStage that is not associated to the provided VersionId.')
  }
  if (!hasValue(version)) throw valueNotFound(stage === undefined ? 'VersionId' : 'staging label', stage ?? versionId)
  return version
}
