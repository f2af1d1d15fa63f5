import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { createSnsHandler } from '../../src/sns/create-sns-handler.js'
import { ManualClock } from '../../src/testing/manual-clock.js'
import { certificate, notification, publishedAt, signed, subscriptionMessage, topicArn } from '../support/signed-messages.js'

const cache = { handleRotationEvent: vi.fn(async () => []) }
const client = { send: vi.fn(async () => ({})) }
const fetchCertificate = vi.fn(async () => certificate)
const clock = new ManualClock(publishedAt)

const post = async (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) => {
  // A handler for each: one of them would let forged messages wait for their downloads.
  const handler = createSnsHandler(cache, { topicArns: [topicArn], clock, client, fetchCertificate })
  const answer = await handler.fetch(new Request('http://localhost/', { method: 'POST', body, headers }))
  return { status: answer.status, text: await answer.text() }
}
const genuine = [signed(notification('rotated', { Subject: 'Rotated' })), signed(subscriptionMessage('SubscriptionConfirmation'))]
const isRefusal = ({ status, text }: { status: number; text: string }) => status >= 400 && status < 500 && text.length > 1

/** A genuine message in which one field that counts is another. */
const lookalike = fc
  .constantFrom(...genuine)
  .chain(message =>
    fc.record({ message: fc.constant(message), name: fc.constantFrom(...Object.keys(message)), value: fc.jsonValue() }),
  )
  .filter(({ message, name, value }) => message[name] !== value)
  .map(({ message, name, value }) => ({ ...message, [name]: value }))

test('whatever is posted, short of a genuine message, is refused with a reason and reaches nobody', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.uint8Array().map(bytes => Uint8Array.from(bytes)),
        lookalike.map(message => JSON.stringify(message)),
      ),
      fc.constantFrom({}, { 'x-amz-sns-message-type': 'Notification' }, { 'content-type': 'application/json' }),
      async (body, headers: Record<string, string>) => {
        expect(await post(body, headers)).toSatisfy(isRefusal)
      },
    ),
    { numRuns: 500 },
  )
  expect(cache.handleRotationEvent).not.toHaveBeenCalled()
  expect(client.send).not.toHaveBeenCalled()
})

test('a genuine message with one character changed is refused', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...genuine), fc.nat(), fc.integer({ min: 1, max: 127 }), async (message, seed, bits) => {
      const name = ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type', 'Token', 'SubscribeURL'].filter(
        each => each in message,
      )[seed % 6]!
      const text = message[name]!
      const at = seed % text.length
      const changed = text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ bits) + text.slice(at + 1)
      expect(await post(JSON.stringify({ ...message, [name]: changed }))).toSatisfy(isRefusal)
    }),
    { numRuns: 300 },
  )
  expect(cache.handleRotationEvent).not.toHaveBeenCalled()
})
