import { envelope, type Happening } from './event-bridge.js'

/** The event that Secrets Manager sends to EventBridge when a staging label moves. */
export interface SecretLabelUpdatedEvent {
  /** The version of the EventBridge envelope. */
  version: '0'
  /** The id of the event, unique for each event. */
  id: string
  /** The type by which EventBridge rules match the event. */
  'detail-type': 'Secret Label Updated'
  /** The service that has sent the event. */
  source: 'aws.secretsmanager'
  /** The account that owns the secret. */
  account: string
  /** When the label moved, in ISO 8601, to the second. */
  time: string
  /** The Region of the secret. */
  region: string
  /** The full ARN of the secret. */
  resources: [string]
  /** The name of the secret, the label that moved and the version that has it now. */
  detail: { name: string; labelUpdated: string; versionId: string }
}

/** A staging label that was attached to a version. */
export interface LabelMove extends Happening {
  name: string
  label: string
  versionId: string
}

/** The labels whose moves the service does not announce. */
const silentLabels = new Set(['AWSPENDING', 'AWSPREVIOUS'])

/** The event of a label's move; undefined if the service does not announce it. */
export function labelEvent({ name, label, versionId, ...move }: LabelMove): SecretLabelUpdatedEvent | undefined {
  if (silentLabels.has(label)) return undefined
  return {
    ...envelope('aws.secretsmanager', 'Secret Label Updated', move),
    detail: { name, labelUpdated: label, versionId },
  }
}
