import { randomUUID } from 'node:crypto'

/** The event that Secrets Manager sends to EventBridge when a staging label moves. */
export interface SecretLabelUpdatedEvent {
  /** The version of the envelope of EventBridge. */
  version: '0'
  /** The id of the event, new for each. */
  id: string
  /** What rules of EventBridge match it by. */
  'detail-type': 'Secret Label Updated'
  /** The service that it comes from. */
  source: 'aws.secretsmanager'
  /** The account that the secret belongs to. */
  account: string
  /** ISO 8601, to the second. */
  time: string
  /** The Region of the secret. */
  region: string
  /** The secret's full ARN. */
  resources: [string]
  /** The name of the secret, the label that moved and the version that has it now. */
  detail: { name: string; labelUpdated: string; versionId: string }
}

/** A staging label that was attached to a version. */
export interface LabelMove {
  arn: string
  name: string
  label: string
  versionId: string
  region: string
  accountId: string
  atMs: number
}

/** The labels whose moves the service keeps to itself. */
const silentLabels = new Set(['AWSPENDING', 'AWSPREVIOUS'])

/** The event of a label's move, or undefined for one that the service does not tell of. */
export function labelEvent({
  arn,
  name,
  label,
  versionId,
  region,
  accountId,
  atMs,
}: LabelMove): SecretLabelUpdatedEvent | undefined {
  if (silentLabels.has(label)) return undefined
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Secret Label Updated',
    source: 'aws.secretsmanager',
    account: accountId,
    time: new Date(atMs).toISOString().replace(/\.\d+Z$/, 'Z'),
    region,
    resources: [arn],
    detail: { name, labelUpdated: label, versionId },
  }
}
