import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseRotationEvents } from '../../../src/core/rotations/parse-rotation-events.js'
import { arn, nativeEvent, snsNotification } from '../../support/rotation-events.js'

const parse = (payload: unknown) => parseRotationEvents(payload, { versionStage: 'AWSCURRENT' })
const event = nativeEvent()
const sns = snsNotification(event)
const text = JSON.stringify(event)
const sqsId = '059f36b4-87a3-44ab-83d2-661975830a7d'
const lambdaRecord = (body: string) => ({
  messageId: sqsId,
  receiptHandle: 'handle',
  body,
  eventSource: 'aws:sqs',
  eventSourceARN: 'arn:aws:sqs:eu-central-1:111122223333:queue',
})

test.each([
  ['an event', event],
  ['an SNS notification', sns],
  ['an SQS message that holds a notification', { MessageId: sqsId, ReceiptHandle: 'handle', Body: JSON.stringify(sns) }],
  ['an SQS message of raw delivery', { MessageId: sqsId, ReceiptHandle: 'handle', Body: text }],
  [
    'the event of a Lambda function from SNS',
    { Records: [{ EventSource: 'aws:sns', EventVersion: '1.0', Sns: { ...sns, Subject: null } }] },
  ],
  ['the event of a Lambda function from SQS', { Records: [lambdaRecord(JSON.stringify(sns))] }],
  ['the event of a Lambda function from SQS, raw', { Records: [lambdaRecord(text)] }],
  ['a list of events', [event]],
])('%s is opened, as an object, as text and as bytes', (_, payload) => {
  const found = parse(payload)
  expect(found).toMatchObject([{ kind: 'changed', secretId: arn }])
  expect(parse(JSON.stringify(payload))).toEqual(found)
  expect(parse(Buffer.from(JSON.stringify(payload)))).toEqual(found)
  expect(parse(new TextEncoder().encode(JSON.stringify(payload)))).toEqual(found)
})

test('each record of a batch is judged by itself, in its order', () => {
  const batch = {
    Records: [lambdaRecord('{'), lambdaRecord(text), lambdaRecord(JSON.stringify(nativeEvent({ labelUpdated: 'BLUE' })))],
  }
  expect(parse(batch).map(({ kind }) => kind)).toEqual(['rejected', 'changed', 'ignored'])
})

test.each(['SubscriptionConfirmation', 'UnsubscribeConfirmation'])('a %s is ignored', type => {
  expect(parse({ ...sns, Type: type, Token: 'token' })).toMatchObject([{ kind: 'ignored', reason: 'subscription message' }])
})

const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
const throwing = {
  get Records(): never {
    throw new Error('hunter2')
  },
}
const proxy = new Proxy(
  {},
  {
    get: () => {
      throw new Error('hunter2')
    },
  },
)
const cycle: unknown[] = []
cycle.push(cycle)

test.each<[string, unknown, string]>([
  ['nothing', undefined, 'not an event'],
  ['null', null, 'not an event'],
  ['a number', 7, 'not an event'],
  ['a function', () => event, 'not an event'],
  ['an empty object', {}, 'not an event'],
  ['a step of a rotation function', { Step: 'createSecret', SecretId: arn, ClientRequestToken: 'token' }, 'not an event'],
  ['a text in a text', JSON.stringify(text), 'not an event'],
  ['empty text', '', 'empty'],
  ['an empty batch', { Records: [] }, 'empty'],
  ['garbage', 'AWSCURRENT moved', 'not JSON'],
  ['truncated text', text.slice(0, -1), 'not JSON'],
  ['bytes that are no UTF-8', new Uint8Array([0x22, 0xff, 0x22]), 'not JSON'],
  ['ten megabytes', ' '.repeat(10_000_000), 'too large'],
  ['ten megabytes of bytes', new Uint8Array(10_000_000), 'too large'],
  ['ten megabytes in a message', { MessageId: sqsId, Body: 'x'.repeat(10_000_000) }, 'too large'],
  ['a message of SNS of another type', { ...sns, Type: 'Other' }, 'not an event'],
  ['a body that is an object of another kind', { Body: 7 }, 'not an event'],
  ['text nested half a million deep', nested(500_000), 'nested too deeply'],
  ['a list that holds itself', cycle, 'nested too deeply'],
  ['a getter that throws', throwing, 'unreadable'],
  ['a proxy that throws', proxy, 'unreadable'],
])('%s is rejected with a reason that repeats nothing', (_, payload, reason) => {
  expect(parse(payload)).toEqual([{ kind: 'rejected', reason }])
})

test('a batch is read up to a bound', () => {
  const found = parse(Array.from({ length: 50_000 }, () => event))
  expect(found).toHaveLength(10_001)
  expect(found.at(-1)).toEqual({ kind: 'rejected', reason: 'too many records' })
})

test('all texts of a payload together are bounded', () => {
  const large = JSON.stringify({ padding: 'x'.repeat(1_000_000) })
  const found = parse(Array.from({ length: 20 }, () => lambdaRecord(large)))
  expect(found.filter(({ kind }) => kind === 'rejected').map(entry => 'reason' in entry && entry.reason)).toEqual([
    ...Array.from({ length: 16 }, () => 'not an event'),
    ...Array.from({ length: 4 }, () => 'too large'),
  ])
})

test('__proto__ and friends in an event harm nothing', () => {
  parse(
    '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"detail-type":"x","source":"aws.secretsmanager","detail":{"__proto__":{"eventName":"DeleteSecret"}}}',
  )
  expect(({} as Record<string, unknown>).polluted).toBeUndefined()
})

const kinds = new Set(['changed', 'ignored', 'rejected'])
const anything = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withNullPrototype: true,
  withObjectString: true,
  withTypedArray: true,
  withSparseArray: true,
})
const keys = fc.constantFrom(
  'Records',
  'Body',
  'body',
  'Message',
  'Type',
  'TopicArn',
  'Sns',
  'detail',
  'detail-type',
  'source',
  'resources',
  'eventName',
  'eventSource',
  'requestParameters',
  'secretId',
  '__proto__',
)
const values = fc.oneof(
  fc.string(),
  fc.constantFrom('Notification', 'aws.secretsmanager', 'PutSecretValue', 'secretsmanager.amazonaws.com', arn, text),
  anything,
)
const lookalike = fc.letrec(tie => ({
  node: fc.oneof(
    { maxDepth: 6 },
    values,
    fc.array(tie('node'), { maxLength: 3 }),
    fc.dictionary(keys, tie('node'), { maxKeys: 6 }),
  ),
})).node

test('whatever is given, the answer is at least one judgement, and nothing is thrown', () => {
  fc.assert(
    fc.property(fc.oneof(anything, lookalike, fc.json(), fc.uint8Array()), payload => {
      const found = parse(payload)
      expect(found.length).toBeGreaterThan(0)
      expect(found.every(({ kind }) => kinds.has(kind))).toBe(true)
    }),
    { numRuns: 2_000 },
  )
})

test('an event of which a part is gone or damaged is judged all the same', () => {
  fc.assert(
    fc.property(fc.nat(text.length - 1), fc.string({ maxLength: 3 }), (at, damage) => {
      const damaged = text.slice(0, at) + damage + text.slice(at + 1)
      expect(parse(damaged).every(({ kind }) => kinds.has(kind))).toBe(true)
      expect(parse(snsNotification(damaged)).every(({ kind }) => kinds.has(kind))).toBe(true)
    }),
  )
})
