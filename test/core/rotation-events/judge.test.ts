import { expect, test } from 'vitest'
import { parseRotationEvents } from '../../../src/core/rotation-events/parse-rotation-events.js'
import {
  arn,
  callEvent,
  callRecord,
  eventId,
  nativeEvent,
  partialArn,
  secretName,
  serviceEvent,
  versionId,
} from '../../support/rotation-events.js'

const versionStage = 'AWSCURRENT'
const parse = (payload: unknown, label = versionStage) => parseRotationEvents(payload, { versionStage: label })
const token = { clientRequestToken: versionId }

test('the native event tells ARN, name, label and version', () => {
  expect(parse(nativeEvent())).toEqual([
    {
      kind: 'changed',
      cause: 'Secret Label Updated',
      secretId: arn,
      arn,
      name: secretName,
      account: '111122223333',
      region: 'eu-central-1',
      label: 'AWSCURRENT',
      versionId,
      eventId,
    },
  ])
})

test('the native event of a label that is not followed is ignored, and says of which secret it was', () => {
  expect(parse(nativeEvent({ labelUpdated: 'BLUE' }))).toMatchObject([
    { kind: 'ignored', reason: 'another staging label', secretId: arn, label: 'BLUE' },
  ])
  expect(parse(nativeEvent({ labelUpdated: 'BLUE' }), 'BLUE')).toMatchObject([{ kind: 'changed', label: 'BLUE' }])
})

test.each([
  ['PutSecretValue', { secretId: arn, ...token }, { label: 'AWSCURRENT', versionId }],
  ['PutSecretValue', { secretId: arn, versionStages: ['BLUE', 'AWSCURRENT'], ...token }, { label: 'AWSCURRENT', versionId }],
  ['UpdateSecretVersionStage', { secretId: arn, versionStage, moveToVersionId: versionId }, { label: 'AWSCURRENT', versionId }],
  ['UpdateSecret', { secretId: arn, description: 'the shop', ...token }, {}],
  ['CreateSecret', { name: secretName, ...token }, { versionId }],
  ['DeleteSecret', { secretId: arn, recoveryWindowInDays: 7 }, {}],
  ['RestoreSecret', { secretId: arn }, {}],
])('%s with %j changes the secret', (cause, requestParameters, told) => {
  const [event] = parse(callEvent(cause, requestParameters))
  expect(event).toMatchObject({ kind: 'changed', cause, eventId, ...told })
  expect(event && 'versionId' in event).toBe('versionId' in told)
})

test('a label that was taken away moved to no version', () => {
  const [event] = parse(
    callEvent('UpdateSecretVersionStage', { secretId: arn, versionStage: 'BLUE', removeFromVersionId: versionId }),
    'BLUE',
  )
  expect(event).toMatchObject({ kind: 'changed', label: 'BLUE' })
  expect(event).not.toHaveProperty('versionId')
})

test('a finished rotation tells its version at the end of the request id', () => {
  expect(parse(serviceEvent('RotationSucceeded'))).toMatchObject([
    { kind: 'changed', cause: 'RotationSucceeded', secretId: arn, versionId },
  ])
})

test.each([
  ['PutSecretValue', { secretId: arn, versionStages: ['AWSPENDING'], ...token }, {}, 'another staging label'],
  [
    'UpdateSecretVersionStage',
    { secretId: arn, versionStage: 'AWSPENDING', removeFromVersionId: versionId },
    {},
    'another staging label',
  ],
  ['PutSecretValue', { secretId: arn, ...token }, { errorCode: 'AccessDenied' }, 'failed call'],
  ['UpdateSecret', null, { errorCode: 'AccessDenied' }, 'failed call'],
  ['GetSecretValue', { secretId: arn }, { readOnly: true }, 'read-only call'],
  ['BatchGetSecretValue', null, { readOnly: true }, 'read-only call'],
  ['RotateSecret', { secretId: arn, ...token }, {}, 'rotation was only requested'],
  ['TagResource', { secretId: arn }, {}, 'no value changed'],
  ['constructor', { secretId: arn }, {}, 'no value changed'],
  ['PutSecretValue', { secretId: arn }, { eventSource: 'ssm.amazonaws.com' }, 'another service'],
])('%s with %j and %j is ignored: %s', (eventName, requestParameters, rest, reason) => {
  expect(parse(callEvent(eventName, requestParameters, rest))).toMatchObject([{ kind: 'ignored', reason }])
})

test.each([
  'RotationStarted',
  'RotationFailed',
  'RotationAbandoned',
  'TestRotationSucceeded',
  'ReplicationSucceeded',
  'EndSecretVersionDelete',
])('the service event %s is ignored', eventName => {
  expect(parse(serviceEvent(eventName))).toMatchObject([{ kind: 'ignored', reason: 'no value changed', secretId: arn }])
})

test('an event of another service is ignored', () => {
  expect(parse({ ...nativeEvent(), source: 'aws.ec2' })).toEqual([{ kind: 'ignored', reason: 'another service', eventId }])
})

test.each([secretName, partialArn, arn])('a call that was made with %s is about that id', secretId => {
  expect(parse(callEvent('PutSecretValue', { secretId }))).toMatchObject([{ kind: 'changed', secretId, account: '111122223333' }])
})

test.each(['arn', 'aRN', 'ARN'])('the %s that the service answered is taken before what the caller passed', key => {
  const event = callEvent('PutSecretValue', { secretId: secretName }, { responseElements: { [key]: arn } })
  expect(parse(event)).toMatchObject([{ secretId: arn, arn, name: secretName }])
})

test.each([
  ['additionalEventData', { SecretId: arn }],
  ['additionalEventData', { ARN: arn, Name: secretName }],
  ['serviceEventDetails', { secretId: arn }],
])('a service event may name its secret in %s as %j', (place, data) => {
  const event = serviceEvent('RotationSucceeded', { additionalEventData: null, [place]: data })
  expect(parse(event)).toMatchObject([{ kind: 'changed', secretId: arn }])
})

test('a CloudTrail record alone is read as well', () => {
  const record = callRecord('DeleteSecret', { secretId: secretName }, { responseElements: { name: secretName, aRN: arn } })
  expect(parse(record)).toMatchObject([
    { kind: 'changed', cause: 'DeleteSecret', secretId: arn, name: secretName, region: 'eu-central-1' },
  ])
})

test.each([
  ['nothing', null],
  ['another type', { secretId: 7 }],
  ['an empty id', { secretId: '' }],
  ['line breaks', { secretId: 'shop/db\nforged log line' }],
  ['no characters of a name', { secretId: 'hunter2 <script>' }],
  ['an id that is too long', { secretId: 'x'.repeat(2_049) }],
])('a change that names its secret by %s is rejected and not repeated', (_, requestParameters) => {
  expect(parse(callEvent('PutSecretValue', requestParameters))).toEqual([
    { kind: 'rejected', reason: 'names no secret', eventId },
  ])
})

test('a label move without a label is no event', () => {
  expect(parse(nativeEvent({ labelUpdated: undefined }))).toEqual([{ kind: 'rejected', reason: 'not an event', eventId }])
})
