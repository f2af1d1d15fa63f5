import { type Input, nameOf, records, requiredText, secretIdOf, text, texts } from '../input.js'
import { sameValue } from '../secret-state.js'
import type { StoredSecret } from '../secret-store.js'
import { alreadyExists, invalidRequest } from '../service-error.js'
import { addVersion, type NewValue, newValue, newVersionId, tokenInUse } from './new-version.js'
import { identityOf, type Operation, stageMembers } from './operation.js'

/** CreateSecret: with or without a first version. */
export const createSecret: Operation = {
  members: ['Name', 'ClientRequestToken', 'Description', 'KmsKeyId', 'SecretBinary', 'SecretString', 'Tags'],
  run(input, context) {
    const name = nameOf(input)
    const value = newValue(input)
    const versionId = newVersionId(input, context)
    const existing = context.store.find(name)
    if (existing !== undefined) {
      checkSameRequest(existing, versionId, value)
      return { ...identityOf(existing), VersionId: versionId }
    }
    const secret = context.store.add(name)
    describe(secret, input)
    if (value === undefined) return identityOf(secret)
    addVersion(secret, versionId, value, ['AWSCURRENT'], context)
    return { ...identityOf(secret), VersionId: versionId }
  },
}

/** PutSecretValue: moves AWSCURRENT unless other labels are given. */
export const putSecretValue: Operation = {
  members: ['SecretId', 'ClientRequestToken', 'RotationToken', 'SecretBinary', 'SecretString', 'VersionStages'],
  run(input, context) {
    // moto accepts a new value for a secret that is scheduled for deletion.
    const secret = context.store.requireLive(secretIdOf(input))
    const value = newValue(input)
    if (value === undefined) throw invalidRequest('You must provide either SecretString or SecretBinary.')
    const versionId = newVersionId(input, context)
    addVersion(secret, versionId, value, texts(input, 'VersionStages', 20) ?? ['AWSCURRENT'], context)
    return { ...identityOf(secret), VersionId: versionId, ...stageMembers(secret.state, versionId) }
  },
}

/** UpdateSecret: changes the value, which becomes the current one, and the metadata. */
export const updateSecret: Operation = {
  members: ['SecretId', 'ClientRequestToken', 'Description', 'KmsKeyId', 'SecretBinary', 'SecretString'],
  run(input, context) {
    const secret = context.store.requireLive(secretIdOf(input))
    const value = newValue(input)
    const versionId = newVersionId(input, context)
    if (value !== undefined) addVersion(secret, versionId, value, ['AWSCURRENT'], context)
    describe(secret, input)
    secret.changedMs = context.now()
    return value === undefined ? identityOf(secret) : { ...identityOf(secret), VersionId: versionId }
  },
}

/** An existing secret is not an error if the same request that created it is sent again. */
function checkSameRequest(existing: StoredSecret, versionId: string, value: NewValue | undefined): void {
  if (existing.deletion !== undefined) {
    throw invalidRequest("You can't create this secret because a secret with this name is already scheduled for deletion.")
  }
  const version = existing.state.versions.get(versionId)
  if (version !== undefined && value !== undefined) {
    if (sameValue(version, value)) return
    throw tokenInUse(existing, versionId)
  }
  throw alreadyExists(`The operation failed because the secret ${existing.name} already exists.`)
}

function describe(secret: StoredSecret, input: Input): void {
  const description = text(input, 'Description')
  const kmsKeyId = text(input, 'KmsKeyId')
  const tags = records(input, 'Tags')
  if (description !== undefined) secret.description = description
  if (kmsKeyId !== undefined) secret.kmsKeyId = kmsKeyId
  if (tags !== undefined) secret.tags = tags.map(tag => ({ Key: requiredText(tag, 'Key', 128), Value: text(tag, 'Value') ?? '' }))
}
