/** The secret that the events of this file are about. */
export const arn = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:shop/db-Zx81Qw'
export const partialArn = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:shop/db'
export const secretName = 'shop/db'
export const versionId = '5f6c1e0a-9d1f-4a53-8b43-2f0f9a4f7c11'
export const eventId = 'c1f0e7a2-1111-4222-8333-944455556666'

const head = {
  version: '0',
  id: eventId,
  source: 'aws.secretsmanager',
  account: '111122223333',
  time: '2030-01-01T00:00:00Z',
  region: 'eu-central-1',
}

/** The event that Secrets Manager sends when a label moves. */
export function nativeEvent(detail: object = {}): Record<string, unknown> {
  return {
    ...head,
    'detail-type': 'Secret Label Updated',
    resources: [arn],
    detail: { name: secretName, labelUpdated: 'AWSCURRENT', versionId, ...detail },
  }
}

/** The same event about another secret. Without an ARN it is of the account and the Region that the fake has. */
export function labelMoved({
  arn: movedArn,
  name,
  versionId: movedTo,
  id = 'event',
  at = Date.UTC(2030, 0, 1),
}: {
  arn?: string | undefined
  name: string
  versionId: string
  id?: string
  at?: number
}): Record<string, unknown> {
  const [, , , region = 'eu-west-1', account = '123456789012'] = movedArn?.split(':') ?? []
  return {
    ...nativeEvent({ name, versionId: movedTo }),
    id,
    account,
    region,
    time: new Date(at).toISOString(),
    resources: movedArn === undefined ? [] : [movedArn],
  }
}

/** What CloudTrail writes down about a call. */
export function callRecord(eventName: string, requestParameters: object | null, rest: object = {}): Record<string, unknown> {
  return {
    eventVersion: '1.11',
    eventSource: 'secretsmanager.amazonaws.com',
    eventName,
    awsRegion: 'eu-central-1',
    requestParameters,
    responseElements: null,
    eventID: 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee',
    readOnly: false,
    eventType: 'AwsApiCall',
    recipientAccountId: '111122223333',
    ...rest,
  }
}

/** The EventBridge event of a call that CloudTrail wrote down. */
export function callEvent(eventName: string, requestParameters: object | null, rest: object = {}): Record<string, unknown> {
  return {
    ...head,
    'detail-type': 'AWS API Call via CloudTrail',
    resources: [],
    detail: callRecord(eventName, requestParameters, rest),
  }
}

/** The EventBridge event of something that the service did by itself. */
export function serviceEvent(eventName: string, rest: object = {}): Record<string, unknown> {
  return {
    ...callEvent(eventName, null, {
      eventType: 'AwsServiceEvent',
      additionalEventData: { SecretId: arn },
      requestID: `Rotation-${arn}-${versionId}`,
      ...rest,
    }),
    'detail-type': 'AWS Service Event via CloudTrail',
  }
}

/** An SNS notification as it stands in an SQS body; the signature matters only over HTTP. */
export function snsNotification(event: unknown, rest: object = {}): Record<string, unknown> {
  return {
    Type: 'Notification',
    MessageId: 'b6f1d7c0-1234-5678-9abc-def012345678',
    TopicArn: 'arn:aws:sns:eu-central-1:111122223333:rotations',
    Message: typeof event === 'string' ? event : JSON.stringify(event),
    Timestamp: '2030-01-01T00:00:00.000Z',
    SignatureVersion: '1',
    Signature: 'c2lnbmF0dXJl',
    SigningCertURL: 'https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-00000000000000000000000000000000.pem',
    UnsubscribeURL: 'https://sns.eu-central-1.amazonaws.com/?Action=Unsubscribe',
    ...rest,
  }
}
