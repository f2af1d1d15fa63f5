import type { RotationResult } from '../../src/index.js'
import type { Service } from './service.js'
import { current } from './subjects.js'
import type { Moment } from './timeline.js'

type Move = Service['events'][number]

/** An event that was handed over, and what came of it. */
export interface Bell {
  readonly move: Move
  readonly begin: Moment
  readonly isClosed: boolean
  end?: Moment
  results?: readonly RotationResult[]
}

/** What a transport brings of a move. */
export function payloadOf({ event, version }: Move, as: 'native' | 'cloudtrail' | 'succeeded' | 'queue'): unknown {
  const { arn, versionId } = version
  const head = {
    version: '0',
    id: event.id,
    source: event.source,
    account: event.account,
    time: event.time,
    region: event.region,
  }
  const detail = { eventSource: 'secretsmanager.amazonaws.com', awsRegion: event.region, recipientAccountId: event.account }
  switch (as) {
    case 'native':
      return event
    case 'queue':
      return { Records: [{ eventSource: 'aws:sqs', messageId: 'one', body: JSON.stringify(event) }] }
    case 'cloudtrail':
      return {
        ...head,
        id: `${event.id}-call`,
        'detail-type': 'AWS API Call via CloudTrail',
        resources: [],
        detail: {
          ...detail,
          eventName: 'UpdateSecretVersionStage',
          requestParameters: { secretId: arn, versionStage: current, moveToVersionId: versionId },
        },
      }
    case 'succeeded':
      return {
        ...head,
        id: `${event.id}-end`,
        'detail-type': 'AWS Service Event via CloudTrail',
        resources: [],
        detail: {
          ...detail,
          eventName: 'RotationSucceeded',
          additionalEventData: { SecretId: arn },
          requestID: `Rotation-${arn}-${versionId}`,
        },
      }
  }
}
