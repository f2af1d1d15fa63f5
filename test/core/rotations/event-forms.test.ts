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
