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
  secretId: string
  /** The full ARN, if the service itself wrote it into the event. */
  arn?: string
  name?: string
  account?: string
  region?: string
}

/** Where an event came from. */
interface EventOrigin {
  /** The event's own id: the same when EventBridge delivers it twice. */
  eventId?: string
  /** The id of the outermost message that brought it. */
  messageId?: string
}

/** A version may have become readable, or ceased to be. */
export interface RotationChange extends AffectedSecret, EventOrigin {
  kind: 'changed'
  cause: RotationCause
  /** The staging label that moved. */
  label?: string
  /** The version that the label moved to. Absent too if the label was taken away. */
  versionId?: string
  /** When the service says that it happened, in milliseconds since the epoch. */
  at?: number
}

/** An event that calls for nothing. */
interface IgnoredEvent extends Partial<AffectedSecret>, EventOrigin {
  kind: 'ignored'
  reason: IgnoredReason
  /** The staging label that moved, if it is not the one that is followed. */
  label?: string
}

/** Something that is no event. */
interface RejectedEvent extends EventOrigin {
  kind: 'rejected'
  reason: RejectedReason
}

/** What a payload says. */
export type ParsedEvent = RotationChange | IgnoredEvent | RejectedEvent

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
