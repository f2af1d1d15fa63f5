import { rotationError } from './rotation-error.js'

/** What Secrets Manager calls a rotation function with. */
export interface RotationEvent {
  /** The step that the function is to take. */
  Step: 'createSecret' | 'setSecret' | 'testSecret' | 'finishSecret'
  /** The ARN of the secret. */
  SecretId: string
  /** The id of the version in the making. */
  ClientRequestToken: string
  /** Names the caller to PutSecretValue. Confidential. */
  RotationToken?: string
}

/** The event with its members as they are called here. The step is not known to be one. */
export interface StepRequest {
  step: string
  secretId: string
  versionId: string
  rotationToken: string | undefined
}

/** Reads what the function was called with. */
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
