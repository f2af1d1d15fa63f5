/** The cause of a change: a native event, or the name of a call or service event that CloudTrail recorded. */
export type RotationCause =
  | 'Secret Label Updated'
  | 'CreateSecret'
  | 'DeleteSecret'
  | 'Parameter Store Change'
  | 'PutSecretValue'
  | 'RestoreSecret'
  | 'RotationSucceeded'
  | 'UpdateSecret'
  | 'UpdateSecretVersionStage'

/** The secret that an event is about, as far as the event names it. */
export interface AffectedSecret {
  /** The best available id: the full ARN if the event has it, otherwise the id that the caller of the service passed. */
  readonly secretId: string
  /** The full ARN, if the service itself wrote it into the event. */
  readonly arn: string | undefined
  readonly name: string | undefined
  readonly account: string | undefined
  readonly region: string | undefined
}

/** A change of a secret: a version may have become readable, or may no longer be readable. */
export interface RotationChange extends AffectedSecret {
  readonly kind: 'changed'
  readonly cause: RotationCause
  /** The id of the version that is current now. Undefined if the event does not name it, or if the label was removed. */
  readonly versionId: string | undefined
  /** The id of the event itself: the same when EventBridge delivers it twice. */
  readonly eventId: string | undefined
  /** The time of the change according to the service, in milliseconds since the epoch. */
  readonly at: number | undefined
}

/** An event that needs no refresh, or something that is not an event. */
type DismissedEvent =
  | { readonly kind: 'ignored'; readonly reason: IgnoredReason; readonly secretId?: string | undefined }
  | { readonly kind: 'rejected'; readonly reason: RejectedReason; readonly secretId?: undefined }

/** One parsed event of a payload. */
export type ParsedEvent = RotationChange | DismissedEvent

/** Why an event needs no refresh. */
export type IgnoredReason =
  | 'another service'
  | 'another staging label'
  | 'failed call'
  | 'read-only call'
  | 'rotation was only requested'
  | 'subscription message'
  | 'no value changed'

/** Why something is not an event. */
export type RejectedReason =
  | 'empty'
  | 'names no secret'
  | 'nested too deeply'
  | 'not an event'
  | 'not JSON'
  | 'too large'
  | 'too many records'
  | 'unreadable'
