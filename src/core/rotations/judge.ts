import type { IgnoredReason, ParsedEvent, RotationCause } from '../events/parsed-event.js'
import { identify } from './identify.js'
import { objectField, textField, textOf, type Untrusted } from './untrusted.js'

const labelForm = /^[\w/+=.@-]+$/
const versionIdForm = /^[\w-]+$/
const timeForm = /^[\d:.TZ+-]{10,35}$/
/** The id of an event is only compared with others, so it needs no form. */
const longestEventId = 128

/** The version that a secret has moved to, if the event names it. */
interface Move {
  readonly versionId?: string | undefined
}

/** Determines from the record of a call or service event what it has changed in a secret. */
type Reading = (detail: Untrusted, versionStage: string) => Move | IgnoredReason

const toUnknownVersion: Reading = () => ({})

const readings: ReadonlyMap<unknown, Reading> = new Map<RotationCause | 'RotateSecret', Reading>([
  ['PutSecretValue', putSecretValue],
  ['UpdateSecretVersionStage', updateSecretVersionStage],
  // Its token need not be the id of a version: an update of the description has a token too.
  ['UpdateSecret', toUnknownVersion],
  ['CreateSecret', detail => ({ versionId: requestedVersion(detail, 'clientRequestToken') })],
  ['DeleteSecret', toUnknownVersion],
  ['RestoreSecret', toUnknownVersion],
  ['RotationSucceeded', detail => ({ versionId: rotatedVersion(detail) })],
  ['RotateSecret', () => 'rotation was only requested'],
])

/** Determines what an EventBridge event means for a secret. */
export function judgeEvent(event: Untrusted, versionStage: string): ParsedEvent {
  if (event.source !== 'aws.secretsmanager') return ignored('another service')
  const detail = objectField(event, 'detail')
  const cause = event['detail-type']
  if (cause !== 'Secret Label Updated') return judgeRecord(detail, versionStage, event)
  const { labelUpdated } = detail
  if (labelUpdated === versionStage)
    return conclude({ versionId: textField(detail, 'versionId', versionIdForm) }, { cause, event, detail })
  if (textOf(labelUpdated, labelForm) === undefined) return { kind: 'rejected', reason: 'not an event' }
  return conclude('another staging label', { cause, event, detail })
}

/** Determines what a CloudTrail record means for a secret: a record alone, or as the detail of an EventBridge event. */
export function judgeRecord(detail: Untrusted, versionStage: string, event: Untrusted = {}): ParsedEvent {
  const { eventSource, eventName } = detail
  if (eventSource !== undefined && eventSource !== 'secretsmanager.amazonaws.com') return ignored('another service')
  return conclude(moveIn(detail, versionStage), { cause: eventName as RotationCause, event, detail })
}

function moveIn(detail: Untrusted, versionStage: string): Move | IgnoredReason {
  // CloudTrail records failed calls too.
  if (isSaid(detail.errorCode)) return 'failed call'
  if (detail.readOnly === true) return 'read-only call'
  return readings.get(detail.eventName)?.(detail, versionStage) ?? 'no value changed'
}

/** A rotation first puts the version as AWSPENDING: a refresh at that time would load the old value just before the switch. */
function putSecretValue(detail: Untrusted, versionStage: string): Move | IgnoredReason {
  const stages = objectField(detail, 'requestParameters').versionStages
  const isNamed = Array.isArray(stages) && stages.length > 0
  if (isNamed && !stages.includes(versionStage)) return 'another staging label'
  return { versionId: requestedVersion(detail, 'clientRequestToken') }
}

function updateSecretVersionStage(detail: Untrusted, versionStage: string): Move | IgnoredReason {
  const label = objectField(detail, 'requestParameters').versionStage
  return label === versionStage ? { versionId: requestedVersion(detail, 'moveToVersionId') } : 'another staging label'
}

function eventIdIn(object: Untrusted, key: string): string | undefined {
  const id = object[key]
  return typeof id === 'string' && id.length <= longestEventId ? id : undefined
}

function requestedVersion(detail: Untrusted, key: string): string | undefined {
  return textField(objectField(detail, 'requestParameters'), key, versionIdForm)
}

/** The record names the version of a rotation only at the end of `Rotation-<ARN>-<versionId>`. */
function rotatedVersion(detail: Untrusted): string | undefined {
  const requestId = detail.requestID
  const arn = identify({}, detail)?.arn
  // No pattern: ARN and version have the same characters, so a pattern would try each hyphen as the boundary.
  const prefix = `Rotation-${arn}-`
  if (typeof requestId !== 'string' || !requestId.startsWith(prefix)) return undefined
  return textOf(requestId.slice(prefix.length), versionIdForm)
}

interface Context {
  readonly cause: RotationCause
  readonly event: Untrusted
  readonly detail: Untrusted
}

function conclude(move: Move | IgnoredReason, { cause, event, detail }: Context): ParsedEvent {
  const secret = identify(event, detail)
  if (typeof move === 'string') return ignored(move, secret?.secretId)
  if (secret === undefined) return { kind: 'rejected', reason: 'names no secret' }
  const { secretId, arn, name, account, region } = secret
  const { versionId } = move
  const eventId = eventIdIn(event, 'id') ?? eventIdIn(detail, 'eventID')
  const at = timeIn(event, 'time') ?? timeIn(detail, 'eventTime')
  // No spread: this runs for every event and should cost less than parsing its text.
  return { kind: 'changed', cause, secretId, arn, name, account, region, versionId, eventId, at }
}

function timeIn(object: Untrusted, key: string): number | undefined {
  const at = Date.parse(String(textField(object, key, timeForm)))
  return Number.isNaN(at) ? undefined : at
}

function ignored(reason: IgnoredReason, secretId?: string): ParsedEvent {
  return { kind: 'ignored', reason, secretId }
}

function isSaid(value: unknown): boolean {
  return value !== undefined && value !== null && value !== ''
}
