import { beforeEach, describe, expect, it } from 'vitest'
import type { SecretCache } from '../../src/index.js'
import { createLambdaCache, createRotationEventHandler } from '../../src/lambda/index.js'
import { clock, fake, useFake } from '../support/fake-cache.js'
import { rejectionOf } from '../support/rejection.js'
import { snsNotification } from '../support/rotation-events.js'

const [id, other] = ['prod/key', 'prod/other']

let secrets: SecretCache

const fromSns = (...events: object[]): object => ({
  Records: events.map(event => ({ EventSource: 'aws:sns', Sns: snsNotification(event) })),
})
const fromSqs = (...bodies: string[]): object => ({
  Records: bodies.map((body, index) => ({ messageId: `message-${index}`, eventSource: 'aws:sqs', body })),
})

useFake({ [id]: 'one', [other]: 'one' })

beforeEach(async () => {
  secrets = createLambdaCache({ secrets: [id, other], client: fake.client(), clock })
  await secrets.idle()
})

describe.each<[string, (event: object) => object]>([
  ['EventBridge', event => event],
  ['SNS', event => fromSns(event)],
  ['SNS with several records', event => fromSns({ not: 'ours' }, event)],
  ['SQS', event => fromSqs(JSON.stringify(event))],
  ['SQS by way of SNS', event => fromSqs(JSON.stringify(snsNotification(event)))],
])('an event from %s', (_, deliver) => {
  it('refreshes its secret', async () => {
    const event = deliver(fake.rotate(id, 'two'))
    expect(await createRotationEventHandler(secrets)(event)).toEqual({ batchItemFailures: [] })
    expect(secrets.peek(id)?.text()).toBe('two')
  })
})

describe('when reading fails in passing', () => {
  beforeEach(() => {
    fake.inject({ secretId: id, error: 'ThrottlingException', times: 1 })
  })

  it.each<[string, (event: object) => object]>([
    ['EventBridge', event => event],
    ['SNS', event => fromSns(event)],
  ])('an event from %s is refused with the reason, and refreshes when it is delivered again', async (_, deliver) => {
    const handler = createRotationEventHandler(secrets)
    const event = deliver(fake.rotate(id, 'two'))
    expect(await rejectionOf(handler(event))).toMatchObject({ code: 'ERR_SECRET_THROTTLED', secretId: id })
    expect(secrets.peek(id)?.text()).toBe('one')
    await handler(event)
    expect(secrets.peek(id)?.text()).toBe('two')
  })

  it('only the messages of SQS that failed are delivered again', async () => {
    const handler = createRotationEventHandler(secrets)
    const bodies = [fake.rotate(other, 'two'), fake.rotate(id, 'two'), { not: 'ours' }].map(event => JSON.stringify(event))
    const answer = await handler(fromSqs(...bodies))
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'message-1' }] })
    expect(secrets.peek(other)?.text()).toBe('two')
    expect(await handler(fromSqs(...bodies))).toEqual({ batchItemFailures: [] })
    expect(secrets.peek(id)?.text()).toBe('two')
  })
})

describe('of a batch of SQS in which one message fails', () => {
  const fifo = 'arn:aws:sqs:eu-west-1:123456789012:rotations.fifo'
  const standard = 'arn:aws:sqs:eu-west-1:123456789012:rotations'

  /** Messages as Lambda hands them over, by their groups. The second one of `db` fails. */
  function batch(eventSourceARN: string | undefined): object {
    const events = [
      ['db', fake.rotate(other, 'two')],
      ['api', fake.rotate(other, 'three')],
      ['db', fake.rotate(id, 'two')],
      ['api', { not: 'ours' }],
      ['db', fake.rotate(other, 'four')],
      [undefined, { not: 'ours' }],
    ] as const
    return {
      Records: events.map(([MessageGroupId, event], index) => ({
        messageId: `message-${index}`,
        eventSource: 'aws:sqs',
        eventSourceARN,
        attributes: { MessageGroupId, SequenceNumber: `1889472838${index}` },
        body: JSON.stringify(event),
      })),
    }
  }
  const namedIn = ({ batchItemFailures }: { batchItemFailures: { itemIdentifier: string }[] }): string[] =>
    batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)

  beforeEach(() => {
    fake.inject({ secretId: id, error: 'ThrottlingException', times: 1 })
  })

  it.each([
    ['of a FIFO queue', fifo],
    ['of a queue that is not named', undefined],
  ])('%s, what follows it in its group is named as well, and other groups go on', async (_, queue) => {
    expect(namedIn(await createRotationEventHandler(secrets)(batch(queue)))).toEqual(['message-2', 'message-4'])
  })

  it('what follows it has been handled all the same, and costs no call when it is delivered again', async () => {
    const handler = createRotationEventHandler(secrets)
    const delivered = batch(fifo)
    await handler(delivered)
    expect(secrets.peek(other)?.text()).toBe('four')
    fake.resetCalls()
    expect(await handler(delivered)).toEqual({ batchItemFailures: [] })
    expect(secrets.peek(id)?.text()).toBe('two')
    expect(fake.calls.map(({ input }) => input.SecretId)).toEqual([id])
  })

  it('of a standard queue, whose groups keep no order, it alone is named', async () => {
    expect(namedIn(await createRotationEventHandler(secrets)(batch(standard)))).toEqual(['message-2'])
  })
})

describe('when a read takes longer than the function has time', () => {
  const context = { getRemainingTimeInMillis: () => 500 }

  it('the event is refused, and delivered again', async () => {
    const handler = createRotationEventHandler(secrets)
    const event = fake.rotate(id, 'two')
    fake.inject({ secretId: id, hang: true, times: 1 })
    expect(await rejectionOf(handler(event, context))).toMatchObject({
      code: 'ERR_SECRET_TIMEOUT',
      hint: expect.stringContaining('more time'),
    })
  })

  it('so is the one message of SQS that it befalls', async () => {
    const handler = createRotationEventHandler(secrets)
    const body = JSON.stringify(fake.rotate(id, 'two'))
    fake.inject({ secretId: id, hang: true, times: 1 })
    const answer = await handler(fromSqs(JSON.stringify({ not: 'ours' }), body), context)
    expect(answer.batchItemFailures).toContainEqual({ itemIdentifier: 'message-1' })
  })
})

it('an event that is given up begins no load later, and can be delivered again', async () => {
  const handler = createRotationEventHandler(secrets)
  const event = fake.rotate(id, 'two')
  fake.inject({ secretId: id, answer: 'old' })
  await rejectionOf(handler(event, { getRemainingTimeInMillis: () => 500 }))
  fake.recover()
  const before = fake.count()
  await clock.advance(60_000)
  expect(fake.count()).toBe(before)
  await handler(event)
  expect(secrets.peek(id)?.text()).toBe('two')
})

it.each<[string, unknown]>([
  ['nothing', undefined],
  ['a text', 'rotation'],
  ['no records', { Records: [] }],
  ['records that are none', { Records: [null, 5] }],
  ['a message without a body', { Records: [{ eventSource: 'aws:sqs', messageId: 'message-0' }] }],
  ['another service', { source: 'aws.ec2', 'detail-type': 'x', detail: {} }],
])('an event that says nothing, such as %s, is not delivered again', async (_, event) => {
  fake.resetCalls()
  expect(await createRotationEventHandler(secrets)(event)).toEqual({ batchItemFailures: [] })
  expect(fake.count()).toBe(0)
})

it('a denied read is not tried again: the secret stops working with its TTL', async () => {
  const event = fake.rotate(id, 'two')
  fake.inject({ secretId: id, error: 'AccessDeniedException' })
  expect(await createRotationEventHandler(secrets)(event)).toEqual({ batchItemFailures: [] })
})
