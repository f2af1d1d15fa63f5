import { rotationError } from './rotation-error.js'
import type { StepRequest } from './rotation-event.js'
import type { SecretDescription } from './secrets-service.js'

/**
 * Whether a step may run, checked in the order and with the wording of AWS's own templates.
 *
 * `done`: the version is already the current one. Secrets Manager repeats whole rotations, so every step then succeeds.
 */
export function checkGate(
  { secretId, versionId }: StepRequest,
  { rotationEnabled, stages }: Pick<SecretDescription, 'rotationEnabled' | 'stages'>,
): 'open' | 'done' {
  // Undefined while RotateSecret is still running, and when it only tests the function.
  if (rotationEnabled === false) {
    throw rotationError({ message: `Secret ${secretId} is not enabled for rotation`, secretId })
  }
  const labels = stages.get(versionId)
  if (labels === undefined) {
    throw rotationError({
      message: `Secret version ${versionId} has no stage for rotation of secret ${secretId}.`,
      secretId,
      hint: 'ClientRequestToken is the id of the version that RotateSecret created.',
    })
  }
  if (labels.includes('AWSCURRENT')) return 'done'
  if (!labels.includes('AWSPENDING')) {
    throw rotationError({
      message: `Secret version ${versionId} not set as AWSPENDING for rotation of secret ${secretId}.`,
      secretId,
      hint: 'PutSecretValue during a rotation ends it; the next rotation starts over.',
    })
  }
  return 'open'
}
