import { describe, expect, it } from 'vitest'
import type { ParsedEvent } from '../../../src/core/events/parsed-event.js'
import { parseRotationEvents } from '../../../src/core/rotations/parse-rotation-events.js'

const event = {
  source: 'aws.secretsmanager',
  'detail-type': 'Secret Label Updated',
  resources: ['arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdEf'],
  detail: { name: 'prod/db', labelUpdated: 'AWSCURRENT', versionId: 'v2' },
}
const changed = expect.objectContaining({ kind: 'changed', name: 'prod/db', versionId: 'v2' })
const mebibyte = 1024 * 1024

function parse(payload: unknown): ParsedEvent[] {
  return parseRotationEvents(payload, { versionStage: 'AWSCURRENT' })
}

/** The event in so many envelopes. */
function wrapped(times: number, wrap: (inner: unknown) => unknown): unknown {
  return times === 0 ? event : wrap(wrapped(times - 1, wrap))
}

describe.each<[string, (inner: unknown) => unknown]>([
  ['a list', inner => [inner]],
  ['a body', inner => ({ body: inner })],
  ['a body of the SDK', inner => ({ Body: inner })],
  ['a record of Lambda', inner => ({ Sns: inner })],
  ['a notification', inner => ({ TopicArn: 'topic', Type: 'Notification', Message: inner })],
])('an event in %s', (_, wrap) => {
  it('is found through five of them, and no more', () => {
    expect(parse(wrapped(5, wrap))).toEqual([changed])
    expect(parse(wrapped(6, wrap))).toEqual([{ kind: 'rejected', reason: 'nested too deeply' }])
  })
})

it.each([{ 'detail-type': 'x' }, { source: 'x' }])('half of an event is an envelope, if it holds one: %j', half => {
  expect(parse({ ...half, body: event })).toEqual([changed])
})

it.each([{ eventName: 'UpdateSecret' }, { eventSource: 'secretsmanager.amazonaws.com' }, { eventName: 5, eventSource: 5 }])(
  'half of a record is no event: %j',
  half => {
    expect(parse(half)).toEqual([{ kind: 'rejected', reason: 'not an event' }])
  },
)

it('ten thousand records are read, and of more the first', () => {
  const reasons = (count: number): unknown[] => parse(Array.from({ length: count }, () => null)).map(({ kind, ...rest }) => rest)
  const tenThousand = Array.from({ length: 10_000 }, () => ({ reason: 'not an event' }))
  expect(reasons(10_000)).toEqual(tenThousand)
  expect(reasons(10_001)).toEqual([...tenThousand, { reason: 'too many records' }])
})

describe('a text', () => {
  const text = JSON.stringify(event)

  it('of one mebibyte is read, and no longer one', () => {
    expect(parse(text.padEnd(mebibyte))).toEqual([changed])
    expect(parse(text.padEnd(mebibyte + 1))).toEqual([{ kind: 'rejected', reason: 'too large' }])
  })

  it('of a payload that has sixteen mebibytes of them is read, and no further one', () => {
    const long = text.padEnd(mebibyte)
    const parsed = parse([...Array.from({ length: 16 }, () => long), text])
    expect(parsed).toEqual([...Array.from({ length: 16 }, () => changed), { kind: 'rejected', reason: 'too large' }])
  })

  it('may begin with the mark of its encoding, and no name holds one', () => {
    expect(parse(`\uFEFF${text}`)).toEqual([changed])
    expect(parse(text.replace('prod/db"', 'prod\uFEFF/db"'))).toMatchObject([{ kind: 'changed', name: undefined }])
  })
})
