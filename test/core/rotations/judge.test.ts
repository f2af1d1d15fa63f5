import { expect, test } from 'vitest'
import { parseRotationEvents } from '../../../src/core/rotations/parse-rotation-events.js'
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
/** The time that the events of `support` tell. */
const eventAt = Date.UTC(2030, 0, 1)
const parse = (payload: unknown, label = versionStage) => parseRotationEvents(payload, { versionStage: label })
const token = { clientRequestToken: versionId }

test('the native event tells ARN, name, label, version and its own time', () => {
  expect(parse(nativeEvent())).toEqual([
    {
      kind: 'changed',
      cause: 'Secret Label Updated',
      secretId: arn,
      arn,
      name: secretName,
      account: '111122223333',
      region: 'eu-central-1',
      versionId,
      eventId,
      at: eventAt,
    },
  ])
})

test('the native event of a label that is not followed is ignored, and says of which secret it was', () => {
  expect(parse(nativeEvent({ labelUpdated: 'BLUE' }))).toMatchObject([
    { kind: 'ignored', reason: 'another staging label', secretId: arn },
  ])
  expect(parse(nativeEvent({ labelUpdated: 'BLUE' }), 'BLUE')).toMatchObject([{ kind: 'changed', cause: 'Secret Label Updated' }])
})

test.each([
  ['PutSecretValue', { secretId: arn, ...token }, versionId],
  ['PutSecretValue', { secretId: arn, versionStages: ['BLUE', 'AWSCURRENT'], ...token }, versionId],
  ['UpdateSecretVersionStage', { secretId: arn, versionStage, moveToVersionId: versionId }, versionId],
  ['UpdateSecret', { secretId: arn, description: 'the shop', ...token }, undefined],
  ['CreateSecret', { name: secretName, ...token }, versionId],
  ['DeleteSecret', { secretId: arn, recoveryWindowInDays: 7 }, undefined],
  ['RestoreSecret', { secretId: arn }, undefined],
])('%s with %j changes the secret', (cause, requestParameters, movedTo) => {
  expect(parse(callEvent(cause, requestParameters))).toMatchObject([{ kind: 'changed', cause, eventId, versionId: movedTo }])
})

test('a label that was taken away moved to no version', () => {
  const taken = callEvent('UpdateSecretVersionStage', { secretId: arn, versionStage: 'BLUE', removeFromVersionId: versionId })
  expect(parse(taken, 'BLUE')).toMatchObject([{ kind: 'changed', versionId: undefined }])
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
  expect(parse({ ...nativeEvent(), source: 'aws.ec2' })).toEqual([{ kind: 'ignored', reason: 'another service' }])
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
  expect(parse(callEvent('PutSecretValue', requestParameters))).toEqual([{ kind: 'rejected', reason: 'names no secret' }])
})

test('a label move without a label is no event', () => {
  expect(parse(nativeEvent({ labelUpdated: undefined }))).toEqual([{ kind: 'rejected', reason: 'not an event' }])
})

test('what an event does not tell, or not in due form, is left open', () => {
  const call = callEvent('UpdateSecret', { secretId: secretName }, { recipientAccountId: null, awsRegion: null, eventID: null })
  expect(parse({ ...call, account: 7, region: undefined, id: undefined })).toEqual([
    { kind: 'changed', cause: 'UpdateSecret', secretId: secretName, name: secretName, at: eventAt },
  ])
  expect(parse({ ...nativeEvent({ name: undefined, labelUpdated: 7 }), id: 7 })).toEqual([
    { kind: 'rejected', reason: 'not an event' },
  ])
  expect(parse({ ...nativeEvent({ name: undefined, versionId: 7 }), id: 'x'.repeat(10_000) })).toEqual([
    {
      kind: 'changed',
      cause: 'Secret Label Updated',
      secretId: arn,
      arn,
      account: '111122223333',
      region: 'eu-central-1',
      at: eventAt,
    },
  ])
  expect(parse({ ...nativeEvent({ name: undefined, versionId: 7 }), id: undefined, time: 'noon' })).toMatchObject([
    { at: undefined },
  ])
  expect(parse({ source: 'aws.ec2', 'detail-type': 'x' })).toEqual([{ kind: 'ignored', reason: 'another service' }])
  expect(parse(callEvent('PutSecretValue', null, { eventID: null }))).toEqual([{ kind: 'rejected', reason: 'names no secret' }])
})

test('account and Region are those of the ARN, else of the event, else of the record in it', () => {
  const foreign = arn.replace('111122223333', '999988887777').replace('eu-central-1', 'us-east-1')
  expect(parse(callEvent('UpdateSecret', { secretId: foreign }))).toMatchObject([
    { account: '999988887777', region: 'us-east-1' },
  ])
  const named = callEvent(
    'UpdateSecret',
    { secretId: secretName },
    { recipientAccountId: '444455556666', awsRegion: 'eu-west-3' },
  )
  expect(parse(named)).toMatchObject([{ account: '111122223333', region: 'eu-central-1' }])
  expect(parse(named.detail)).toMatchObject([
    { account: '444455556666', region: 'eu-west-3', eventId: 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee' },
  ])
})

test('a secret that was made is known by the name that the service answered, an ARN is nobody’s name', () => {
  const made = callEvent('CreateSecret', { name: 'as asked' }, { responseElements: { arn, name: secretName } })
  expect(parse(made)).toMatchObject([{ secretId: arn, name: secretName }])
  expect(parse(callEvent('UpdateSecret', { secretId: partialArn }))).toMatchObject([{ kind: 'changed', name: undefined }])
})

test('a call whose list of staging labels is empty moves AWSCURRENT', () => {
  const empty = callEvent('PutSecretValue', { secretId: arn, versionStages: [] })
  expect(parse(empty)).toMatchObject([{ kind: 'changed', cause: 'PutSecretValue' }])
})

test.each([undefined, null, ''])('an errorCode of %j is none', errorCode => {
  expect(parse(callEvent('UpdateSecret', { secretId: arn }, { errorCode }))).toMatchObject([{ kind: 'changed' }])
})

test('the version at the end of a request id is taken only if the id is of that secret', () => {
  for (const requestID of [`Rotation-${partialArn}-${versionId}`, undefined])
    expect(parse(serviceEvent('RotationSucceeded', { requestID }))).toMatchObject([{ kind: 'changed', versionId: undefined }])
})
