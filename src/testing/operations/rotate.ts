import { flag, record, secretIdOf, text, whole } from '../input.js'
import { labelledVersion, withLabel, withVersion } from '../secret-state.js'
import type { StoredSecret } from '../secret-store.js'
import { invalidParameter, invalidRequest } from '../service-error.js'
import { newVersionId, tokenInUse } from './new-version.js'
import { identityOf, type Operation } from './operation.js'

/** RotateSecret: creates the empty AWSPENDING version; the function is called after the response. */
export const rotateSecret: Operation = {
  members: ['SecretId', 'ClientRequestToken', 'RotationLambdaARN', 'RotationRules', 'RotateImmediately'],
  run(input, context) {
    const secret = context.store.requireLive(secretIdOf(input))
    const lambdaArn = text(input, 'RotationLambdaARN') ?? secret.rotation?.lambdaArn
    if (lambdaArn === undefined) throw invalidRequest('No Lambda rotation function ARN is associated with this secret.')
    const rules = record(input, 'RotationRules')
    if (rules?.AutomaticallyAfterDays !== undefined) whole(rules, 'AutomaticallyAfterDays', 1, 1000)
    if (rules?.AutomaticallyAfterDays !== undefined && rules.ScheduleExpression !== undefined) {
      throw invalidParameter("You can't specify both AutomaticallyAfterDays and ScheduleExpression in RotationRules.")
    }

    const pending = pendingVersionId(secret)
    // The same request, retried because its response was lost.
    if (pending !== undefined && pending === text(input, 'ClientRequestToken'))
      return { ...identityOf(secret), VersionId: pending }
    if (pending !== undefined) {
      context.rotations.resume(secret, pending)
      throw invalidRequest("A previous rotation isn't complete. That rotation will be reattempted.")
    }
    context.rotations.requireFunction()
    const versionId = newVersionId(input, context)
    if (secret.state.versions.has(versionId)) throw tokenInUse(secret, versionId)
    const immediately = flag(input, 'RotateImmediately') ?? true
    secret.rotation = { ...secret.rotation, enabled: true, lambdaArn, ...(rules !== undefined && { rules }) }
    // Without an immediate rotation, the service only tries testSecret, on a pending version that it removes afterwards.
    const value = immediately ? {} : valueFor(secret)
    const state = withVersion(secret.state, { ...value, id: versionId, createdMs: context.now() })
    context.store.change(secret, withLabel(state, 'AWSPENDING', versionId))
    context.rotations.start(secret, versionId, immediately ? 'rotate' : 'test')
    return { ...identityOf(secret), VersionId: versionId }
  },
}

/**
 * The version that a rotation left behind: AWSPENDING is on a version other than AWSCURRENT. moto fails in the opposite case, when both
 * labels are on one version, which the documentation allows.
 */
function pendingVersionId({ state }: StoredSecret): string | undefined {
  const pending = state.labels.get('AWSPENDING')
  return pending === state.labels.get('AWSCURRENT') ? undefined : pending
}

function valueFor({ state }: StoredSecret): { string?: string; binary?: Uint8Array } {
  const { string, binary } = labelledVersion(state, 'AWSCURRENT') ?? {}
  return { ...(string !== undefined && { string }), ...(binary !== undefined && { binary }) }
}
