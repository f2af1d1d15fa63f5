import { expect, test } from 'vitest'
import { parseRotationEvents } from '../../../src/core/rotations/parse-rotation-events.js'
import { hasSamples, readSample } from '../../support/samples.js'

const expected = {
  '01-native-secret-label-updated.json': {
    kind: 'changed',
    cause: 'Secret Label Updated',
    name: 'mySecret',
  },
  '02-service-rotation-succeeded.json': {
    kind: 'changed',
    cause: 'RotationSucceeded',
    versionId: '7ac47c8c-f328-423b-9698-6926dd1f293e',
  },
  '03-service-rotation-failed.json': { kind: 'ignored', reason: 'no value changed' },
  '04-api-put-secret-value-console.json': {
    kind: 'changed',
    cause: 'PutSecretValue',
    versionId: '4d383ea9-084a-49c9-8722-cbfb0f25c456',
  },
  '05-cloudtrail-record-delete-secret-aRN.json': { kind: 'changed', cause: 'DeleteSecret', name: 'MyDatabaseSecret' },
  '06-cloudtrail-record-create-secret.json': { kind: 'changed', cause: 'CreateSecret', secretId: 'MyDatabaseSecret' },
  '07-cloudtrail-record-batch-get-secret-value-readonly.json': { kind: 'ignored', reason: 'read-only call' },
  '08-lambda-sns-event.json': { kind: 'rejected', reason: 'not JSON' },
  'd1-derived-put-secret-value-AWSPENDING.json': { kind: 'ignored', reason: 'another staging label' },
  'd2-derived-update-secret-version-stage.json': { kind: 'changed', cause: 'UpdateSecretVersionStage' },
  'd3-derived-api-call-denied.json': { kind: 'ignored', reason: 'failed call' },
  'd4-derived-sqs-body-sns-wrapped.json': { kind: 'changed' },
  'd5-derived-rotation-lambda-event.json': { kind: 'rejected', reason: 'not an event' },
}

if (hasSamples) {
  test.each(Object.entries(expected))('%s, as it was published, is read as %j', (name, event) => {
    expect(parseRotationEvents(readSample(name), { versionStage: 'AWSCURRENT' })).toMatchObject([event])
  })
} else {
  test('no published events lie beside this checkout: only our own fixtures were checked', () => {
    expect(hasSamples).toBe(false)
  })
}
