import { requiredText, secretIdOf, versionIdOf } from '../input.js'
import { withLabel, withoutLabel } from '../secret-state.js'
import { invalidParameter, valueNotFound } from '../service-error.js'
import { identityOf, type Operation } from './operation.js'

/** UpdateSecretVersionStage: a label is removed only from the version that the request names. */
export const updateSecretVersionStage: Operation = {
  members: ['SecretId', 'VersionStage', 'RemoveFromVersionId', 'MoveToVersionId'],
  run(input, context) {
    const label = requiredText(input, 'VersionStage', 256)
    const to = versionIdOf(input, 'MoveToVersionId')
    const from = versionIdOf(input, 'RemoveFromVersionId')
    const secret = context.store.requireLive(secretIdOf(input))
    const { versions, labels } = secret.state
    const holder = labels.get(label)

    if (to === undefined && from === undefined)
      throw invalidParameter('You must specify MoveToVersionId, RemoveFromVersionId, or both.')
    for (const versionId of [to, from]) {
      if (versionId !== undefined && !versions.has(versionId)) throw valueNotFound('VersionId', versionId)
    }
    // moto requires RemoveFromVersionId for AWSCURRENT only; the documentation requires it for every label that is on another version.
    if (from === undefined && holder !== undefined && holder !== to) {
      throw invalidParameter(
        `The parameter RemoveFromVersionId can't be empty. Staging label ${label} is currently attached to version ${holder}, so you must explicitly reference that version in RemoveFromVersionId.`,
      )
    }
    if (from !== undefined && from !== holder) {
      throw invalidParameter(
        `If you specify RemoveFromVersionId, it must be set to the version that currently has the staging label ${label}.`,
      )
    }
    if (to === undefined && label === 'AWSCURRENT') {
      throw invalidParameter(
        "You can only move staging label AWSCURRENT to a different secret version. It can't be completely removed.",
      )
    }
    context.store.change(secret, to === undefined ? withoutLabel(secret.state, label) : withLabel(secret.state, label, to))
    return identityOf(secret)
  },
}
