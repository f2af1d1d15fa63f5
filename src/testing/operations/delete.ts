import { flag, secretIdOf, whole } from '../input.js'
import { invalidParameter } from '../service-error.js'
import { identityOf, type Operation } from './operation.js'

const dayMs = 86_400_000

/** DeleteSecret: schedules the deletion, or with force carries it out at once. */
export const deleteSecret: Operation = {
  members: ['SecretId', 'RecoveryWindowInDays', 'ForceDeleteWithoutRecovery'],
  run(input, context) {
    const secretId = secretIdOf(input)
    const force = flag(input, 'ForceDeleteWithoutRecovery') ?? false
    const days = whole(input, 'RecoveryWindowInDays', Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)
    if (force && days !== undefined) {
      throw invalidParameter("You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.")
    }
    if (days !== undefined && (days < 7 || days > 30)) {
      throw invalidParameter('The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).')
    }
    const askedMs = context.now()
    if (force) {
      // Documented: a forced deletion also succeeds for a secret that does not exist or is scheduled for deletion.
      const secret = context.store.find(secretId)
      if (secret !== undefined) context.store.remove(secret)
      const identity = secret === undefined ? { ARN: secretId, Name: secretId } : identityOf(secret)
      return { ...identity, DeletionDate: new Date(askedMs) }
    }
    const secret = context.store.requireLive(secretId)
    secret.deletion = { askedMs, dueMs: askedMs + (days ?? 30) * dayMs }
    return { ...identityOf(secret), DeletionDate: new Date(secret.deletion.dueMs) }
  },
}

/** RestoreSecret: a secret that is not scheduled for deletion stays as it is. */
export const restoreSecret: Operation = {
  members: ['SecretId'],
  run(input, context) {
    const secret = context.store.require(secretIdOf(input))
    delete secret.deletion
    return identityOf(secret)
  },
}
