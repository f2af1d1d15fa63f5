import { identify } from './identify.js'
import type { IgnoredReason, ParsedEvent, RotationCause, RotationChange } from './parsed-event.js'
import { objectField, textField, textOf, type Untrusted } from './untrusted.js'

const labelForm = /^[\w/+=.@-]+$/
const versionIdForm = /^[\w-]+$/
const timeForm = /^[\d:.TZ+-]{10,35}$/
/** An event's id is only compared with others. */
const longestEventId = 128

/** What a call or service event has done to a secret. */
interface Change {
  cause: RotationCause
  label?: string | undefined
  versionId?: string | undefined
}

/** Reads the change out of the record of one kind of call or service event. */
type ChangeOf = (detail: Untrusted, versionStage: string) => Change | IgnoredReason

const changes: ReadonlyMap<string, ChangeOf> = new Map<string, ChangeOf>([
  ['PutSecretValue', putSecretValue],
  ['UpdateSecretVersionStage', updateSecretVersionStage],
  // Its token need not have become a version: an update of the description carries one too.
  ['UpdateSecret', () => ({ cause: 'UpdateSecret' })],
  ['CreateSecret', detail => ({ cause: 'CreateSecret', versionId: requestedVersion(detail, 'clientRequestToken') })],
  ['DeleteSecret', () => ({ cause: 'DeleteSecret' })],
  ['RestoreSecret', () => ({ cause: 'RestoreSecret' })],
  ['RotationSucceeded', detail => ({ cause: 'RotationSucceeded', versionId: rotatedVersion(detail) })],
  ['RotateSecret', () => 'rotation was only requested'],
])

/** Judges an EventBridge event. */
export function judgeEvent(event: Untrusted, versionStage: string): ParsedEvent {
  const eventId = eventIdIn(event, 'id')
  if (event.source !== 'aws.secretsmanager') return ignored('another service', eventId)
  const detail = objectField(event, 'detail')
  if (event['detail-type'] !== 'Secret Label Updated') return judgeRecord(detail, versionStage, event)

  if (detail.labelUpdated === versionStage) {
    const versionId = textField(detail, 'versionId', versionIdForm)
    return conclude(
      { cause: 'Secret Label Updated', label: versionStage, versionId },
      { event, detail, eventId, label: versionStage },
    )
  }
  const label = textField(detail, 'labelUpdated', labelForm)
  if (label === undefined) return { kind: 'rejected', reason: 'not an event', ...(eventId !== undefined && { eventId }) }
  return conclude('another staging label', { event, detail, eventId, label })
}

/** Judges a CloudTrail record: alone, or as the detail of an EventBridge event. */
export function judgeRecord(detail: Untrusted, versionStage: string, event: Untrusted = {}): ParsedEvent {
  const eventId = eventIdIn(event, 'id') ?? eventIdIn(detail, 'eventID')
  const eventSource = detail.eventSource
  if (eventSource !== undefined && eventSource !== 'secretsmanager.amazonaws.com') return ignored('another service', eventId)
  const change = changeIn(detail, versionStage)
  const label = textField(objectField(detail, 'requestParameters'), 'versionStage', labelForm)
  return conclude(change, { event, detail, eventId, label })
}

function changeIn(detail: Untrusted, versionStage: string): Change | IgnoredReason {
  // Calls that were refused are recorded as well.
  if (isSaid(detail.errorCode)) return 'failed call'
  if (detail.readOnly === true) return 'read-only call'
  const eventName = detail.eventName
  const changeOf = typeof eventName === 'string' ? changes.get(eventName) : undefined
  return changeOf === undefined ? 'no value changed' : changeOf(detail, versionStage)
}

/** During a rotation the version is put as AWSPENDING first: a refresh would fetch the old value just before the switch. */
function putSecretValue(detail: Untrusted, versionStage: string): Change | IgnoredReason {
  const stages = objectField(detail, 'requestParameters').versionStages
  const isNamed = Array.isArray(stages) && stages.length > 0
  if (isNamed && !stages.includes(versionStage)) return 'another staging label'
  return {
    cause: 'PutSecretValue',
    label: isNamed ? versionStage : 'AWSCURRENT',
    versionId: requestedVersion(detail, 'clientRequestToken'),
  }
}

function updateSecretVersionStage(detail: Untrusted, versionStage: string): Change | IgnoredReason {
  const label = objectField(detail, 'requestParameters').versionStage
  if (label !== versionStage) return 'another staging label'
  return { cause: 'UpdateSecretVersionStage', label: versionStage, versionId: requestedVersion(detail, 'moveToVersionId') }
}

function eventIdIn(object: Untrusted, key: string): string | undefined {
  const id = object[key]
  return typeof id === 'string' && id.length <= longestEventId ? id : undefined
}

function requestedVersion(detail: Untrusted, key: string): string | undefined {
  return textField(objectField(detail, 'requestParameters'), key, versionIdForm)
}

/** A rotation's version stands nowhere but at the end of `Rotation-<ARN>-<versionId>`. */
function rotatedVersion(detail: Untrusted): string | undefined {
  const requestId = detail.requestID
  const arn = identify({}, detail)?.arn
  // Not by a pattern: ARN and version are of the same characters, so one would try each hyphen as the border between them.
  const prefix = `Rotation-${arn}-`
  if (arn === undefined || typeof requestId !== 'string' || !requestId.startsWith(prefix)) return undefined
  return textOf(requestId.slice(prefix.length), versionIdForm)
}

interface Context {
  event: Untrusted
  detail: Untrusted
  eventId: string | undefined
  label: string | undefined
}

function conclude(change: Change | IgnoredReason, { event, detail, eventId, label }: Context): ParsedEvent {
  const secret = identify(event, detail)
  const origin = eventId === undefined ? undefined : { eventId }
  if (typeof change === 'string') {
    return { kind: 'ignored', reason: change, ...secret, ...(label !== undefined && { label }), ...origin }
  }
  if (secret === undefined) return { kind: 'rejected', reason: 'names no secret', ...origin }
  const changed: RotationChange = { kind: 'changed', cause: change.cause, ...secret }
  if (change.label !== undefined) changed.label = change.label
  if (change.versionId !== undefined) changed.versionId = change.versionId
  if (eventId !== undefined) changed.eventId = eventId
  const at = timeIn(event, 'time') ?? timeIn(detail, 'eventTime')
  if (at !== undefined) changed.at = at
  return changed
}

function timeIn(object: Untrusted, key: string): number | undefined {
  const time = textField(object, key, timeForm)
  const at = time === undefined ? Number.NaN : Date.parse(time)
  return Number.isNaN(at) ? undefined : at
}

function ignored(reason: IgnoredReason, eventId: string | undefined): ParsedEvent {
  return { kind: 'ignored', reason, ...(eventId !== undefined && { eventId }) }
}

function isSaid(value: unknown): boolean {
  return value !== undefined && value !== null && value !== ''
}
