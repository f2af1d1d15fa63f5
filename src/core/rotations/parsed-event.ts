/** What changed a secret: the native event, or the name of a call or service event that CloudTrail recorded. */
export type RotationCause =
  | 'Secret Label Updated'
  | 'CreateSecret'
  | 'DeleteSecret'
  | 'PutSecretValue'
  | 'RestoreSecret'
  | 'RotationSucceeded'
  | 'UpdateSecret'
  | 'UpdateSecretVersionStage'

/** The secret that an event is about, as far as the event tells. */
export interface AffectedSecret {
  /** The best id there is: the full ARN if the event has it, else what the caller of the service passed. */
  readonly secretId: string
  /** The full ARN, if the service itself wrote it into the event. */
  readonly arn: string | undefined
  readonly name: string | undefined
  readonly account: string | undefined
  readonly region: string | undefined
}

/** A version may have become readable, or ceased to be. */
export interface RotationChange extends AffectedSecret {
  readonly kind: 'changed'
  readonly cause: RotationCause
  /** The version that is current now. Undefined too if the label was taken away. */
  readonly versionId: string | undefined
  /** The event's own id: the same when EventBridge delivers it twice. */
  readonly eventId: string | undefined
  /** When the service says that it happened, in milliseconds since the epoch. */
  readonly at: number | undefined
}

/** An event that calls for nothing, or something that is no event. */
type DismissedEvent =
  | { readonly kind: 'ignored'; readonly reason: IgnoredReason; readonly secretId?: string | undefined }
  | { readonly kind: 'rejected'; readonly reason: RejectedReason; readonly secretId?: undefined }

/** What a payload says. */
export type ParsedEvent = RotationChange | DismissedEvent

/** Why an event calls for nothing. */
export type IgnoredReason =
  | 'another service'
  | 'another staging label'
  | 'failed call'
  | 'read-only call'
  | 'rotation was only requested'
  | 'subscription message'
  | 'no value changed'

/** Why something is no event. */
export type RejectedReason =
  | 'empty'
  | 'names no secret'
  | 'nested too deeply'
  | 'not an event'
  | 'not JSON'
  | 'too large'
  | 'too many records'
  | 'unreadable'
