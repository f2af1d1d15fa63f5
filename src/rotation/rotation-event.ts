import { rotationError } from './rotation-error.js'

/** The event with which Secrets Manager calls a rotation function. */
export interface RotationEvent {
  /** The step to carry out. */
  Step: 'createSecret' | 'setSecret' | 'testSecret' | 'finishSecret'
  /** The ARN of the secret. */
  SecretId: string
  /** The id of the new version. */
  ClientRequestToken: string
  /** The token that identifies the caller to PutSecretValue. Confidential. */
  RotationToken?: string
}

/** The event under the names that are used here. `step` may be any text. */
export interface StepRequest {
  step: string
  secretId: string
  versionId: string
  rotationToken: string | undefined
}

/** Reads the event of the function. */
export function readRotationEvent(event: unknown): StepRequest {
  const { Step, SecretId, ClientRequestToken, RotationToken } = (typeof event === 'object' && event !== null ? event : {}) as {
    [Member in keyof RotationEvent]?: unknown
  }
  const secretId = text('SecretId', SecretId, '')
  return {
    step: text('Step', Step, secretId),
    secretId,
    versionId: text('ClientRequestToken', ClientRequestToken, secretId),
    rotationToken: typeof RotationToken === 'string' ? RotationToken : undefined,
  }
}

function text(member: string, value: unknown, secretId: string): string {
  if (typeof value === 'string' && value !== '') return value
  throw rotationError({
    message: `The rotation event has no ${member}.`,
    secretId,
    hint: 'Secrets Manager calls this function, with Step, SecretId, ClientRequestToken and RotationToken.',
  })
}
