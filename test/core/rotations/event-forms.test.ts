import { describe, expect, it } from 'vitest'
import { parseRotationEvents } from '../../../src/core/rotations/parse-rotation-events.js'

const arn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdEf'
const versionId = '0a1b2c3d-0000-4000-8000-0123456789ab'
const planted = 'planted <b>'

function labelEvent(fields: object = {}, detail: object = {}): object {
  return {
    id: 'an event',
    source: 'aws.secretsmanager',
    'detail-type': 'Secret Label Updated',
    account: '123456789012',
    region: 'eu-west-1',
    time: '2030-01-01T00:00:00Z',
    resources: [arn],
    detail: { name: 'prod/db', labelUpdated: 'AWSCURRENT', versionId, ...detail },
    ...fields,
  }
}

function parse(event: object): object | undefined {
  return parseRotationEvents(event, { versionStage: 'AWSCURRENT' })[0]
}

/** A text with something before or after it that does not belong there. */
const spoilt: [string, (text: string) => string][] = [
  ['something before it', text => `${planted}${text}`],
  ['something after it', text => `${text}${planted}`],
]

describe.each(spoilt)('what has %s is not repeated', (_, spoil) => {
  it('as an ARN', () => {
    expect(parse(labelEvent({ resources: [spoil(arn)] }))).toMatchObject({ secretId: 'prod/db', arn: undefined })
  })

  it('as a name', () => {
    expect(parse(labelEvent({}, { name: spoil('prod/db') }))).toMatchObject({ secretId: arn, name: undefined })
  })

  it('as an account or Region', () => {
    const event = labelEvent({ resources: [], account: spoil('123456789012'), region: spoil('eu-west-1') })
    expect(parse(event)).toMatchObject({ secretId: 'prod/db', account: undefined, region: undefined })
  })

  it('as a version', () => {
    expect(parse(labelEvent({}, { versionId: spoil(versionId) }))).toMatchObject({ kind: 'changed', versionId: undefined })
  })

  it('as a time', () => {
    expect(parse(labelEvent({ time: spoil('2030-01-01T00:00:00Z') }))).toMatchObject({ kind: 'changed', at: undefined })
  })

  it('as a label', () => {
    expect(parse(labelEvent({}, { labelUpdated: spoil('AWSPENDING') }))).toEqual({ kind: 'rejected', reason: 'not an event' })
  })
})

describe('the ARN that the service wrote into a record', () => {
  it.each([
    ['additionalEventData', 'SecretId'],
    ['additionalEventData', 'secretId'],
    ['additionalEventData', 'ARN'],
    ['additionalEventData', 'arn'],
    ['serviceEventDetails', 'secretId'],
    ['serviceEventDetails', 'SecretId'],
    ['responseElements', 'arn'],
    ['responseElements', 'aRN'],
    ['responseElements', 'ARN'],
  ])('is found in %s.%s', (place, key) => {
    const record = { eventSource: 'secretsmanager.amazonaws.com', eventName: 'UpdateSecret', [place]: { [key]: arn } }
    expect(parse(record)).toMatchObject({ kind: 'changed', secretId: arn, arn, account: '123456789012', region: 'eu-west-1' })
  })
})

describe('what is longer than any that the service makes is not taken', () => {
  it.each([
    [128, true],
    [129, false],
  ])('an id of an event with %i characters: %j', (length, isTaken) => {
    const id = 'x'.repeat(length)
    expect(parse(labelEvent({ id }))).toMatchObject({ kind: 'changed', eventId: isTaken ? id : undefined })
  })

  it.each([
    [2_048, true],
    [2_049, false],
  ])('a name of %i characters: %j', (length, isTaken) => {
    const name = 'x'.repeat(length)
    expect(parse(labelEvent({}, { name }))).toMatchObject({ secretId: arn, name: isTaken ? name : undefined })
  })

  it.each([
    [2_048, true],
    [2_049, false],
  ])('an ARN of %i characters: %j', (length, isTaken) => {
    const long = arn.replace('prod/db', 'x'.repeat(length - arn.length + 'prod/db'.length))
    expect(parse(labelEvent({ resources: [long] }))).toMatchObject({ arn: isTaken ? long : undefined })
  })
})

describe('a record of CloudTrail', () => {
  const record = { eventSource: 'secretsmanager.amazonaws.com', eventName: 'UpdateSecret', responseElements: { arn } }

  it('says by itself when it was made, and which it is', () => {
    const made = { ...record, eventTime: '2030-01-01T00:00:00Z', eventID: 'an event' }
    expect(parse(made)).toMatchObject({ at: Date.UTC(2030, 0, 1), eventId: 'an event' })
  })

  it.each([undefined, 5, 'yesterday', '2030-13-01T00:00:00Z'])('without a time is taken all the same: %j', eventTime => {
    expect(parse({ ...record, eventTime })).toMatchObject({ kind: 'changed', at: undefined })
  })

  it('names its secret in the answer to the call, or in the call', () => {
    const call = { eventSource: 'secretsmanager.amazonaws.com', eventName: 'UpdateSecret' }
    expect(parse({ ...call, responseElements: { name: 'prod/a' } })).toMatchObject({ secretId: 'prod/a', name: 'prod/a' })
    expect(parse({ ...call, requestParameters: { name: 'prod/b' } })).toMatchObject({ secretId: 'prod/b', name: 'prod/b' })
  })

  it('of another service is none of ours', () => {
    expect(parse({ ...record, eventSource: 'kms.amazonaws.com' })).toEqual({ kind: 'ignored', reason: 'another service' })
  })

  it('of a rotation has its version at the end of its request', () => {
    const rotated = { ...record, eventName: 'RotationSucceeded', responseElements: null, additionalEventData: { SecretId: arn } }
    for (const [requestID, expected] of [
      [`Rotation-${arn}-${versionId}`, versionId],
      [`Rotation-another-${versionId}`, undefined],
      [versionId, undefined],
      [5, undefined],
    ])
      expect(parse({ ...rotated, requestID })).toMatchObject({ kind: 'changed', versionId: expected })
  })
})

it('an event about another label is ignored, though it names no secret', () => {
  const event = labelEvent({ resources: [] }, { name: undefined, labelUpdated: 'AWSPENDING' })
  expect(parse(event)).toEqual({ kind: 'ignored', reason: 'another staging label', secretId: undefined })
})
