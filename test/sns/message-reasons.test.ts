import { expect, test } from 'vitest'
import { verifySnsMessage } from '../../src/sns/verify-sns-message.js'
import { ManualClock } from '../../src/testing/manual-clock.js'
import { certificate, notification, publishedAt, signed, subscriptionMessage, topicArn } from '../support/signed-messages.js'

const options = (rest = {}) => ({
  topicArns: [topicArn],
  clock: new ManualClock(publishedAt),
  fetchCertificate: async () => certificate,
  ...rest,
})
const genuine = signed(notification('rotated'))
const confirmation = signed(subscriptionMessage('SubscriptionConfirmation'))
const long = 'x'.repeat(4_097)
const megabyte = 1024 * 1024
const fail = (): never => {
  throw new Error('hunter2')
}

test.each<[string, unknown]>([
  ['it is too long', ' '.repeat(megabyte + 1)],
  ['it is not JSON', ' '.repeat(megabyte)],
  ['it is not JSON', Buffer.from(JSON.stringify(genuine).replace('rotated', '\xff'), 'latin1')],
  ['it is not an object', 'null'],
  ['it is not an object', '7'],
  ['it is not an object', '[]'],
  ['it is not an object', undefined],
  ['it cannot be read', Object.defineProperty({}, 'Type', { get: fail })],
  ['its Type is not one of the three types of SNS messages', { ...genuine, Type: 'Other' }],
  ['its Message is missing', { ...genuine, Message: undefined }],
  ['its MessageId is missing', { ...genuine, MessageId: 7 }],
  ['its Subject is missing', { ...genuine, Subject: 7 }],
  ['its Token is missing', { ...confirmation, Token: null }],
  ['its Message is too long', { ...genuine, Message: 'x'.repeat(megabyte + 1) }],
  ['its MessageId is too long', { ...genuine, MessageId: long }],
  ['its Subject has a line break', { ...genuine, Subject: 'a\nb' }],
  ['its Message is not well-formed text', { ...genuine, Message: '\ud800' }],
  ['its signature is missing', { ...genuine, Signature: undefined }],
  ['its signature is missing', { ...genuine, Signature: long }],
  ['its signature is not base64', { ...genuine, Signature: '-_-_' }],
  ['the version of its signature is missing', { ...genuine, SignatureVersion: 2 }],
  ['the URL of its certificate is missing', { ...genuine, SigningCertURL: undefined }],
  ['the URL of its certificate is missing', { ...genuine, SigningCertURL: long }],
])('a message is refused, since %s', async (reason, message) => {
  await expect(verifySnsMessage(message, options())).rejects.toThrow(`This is not a message of SNS: ${reason}.`)
})

test('the longest fields that are taken are no shorter than they may be', async () => {
  const fields = notification('x'.repeat(100_000), { MessageId: 'x'.repeat(4_096) })
  await expect(verifySnsMessage(signed(fields), options())).resolves.toEqual(fields)
})

test.each<[string, unknown, object]>([
  ["The message's topic is not in topicArns.", signed(notification('', { TopicArn: `${topicArn}-2` })), {}],
  [
    'The message was published too long ago, or its Timestamp is invalid.',
    genuine,
    { maxAgeMs: 1, clock: new ManualClock(publishedAt + 2) },
  ],
  ['The version of the signature is not supported.', { ...genuine, SignatureVersion: '3' }, {}],
  [
    'The message has signature version 1, and version 2 is required.',
    signed(notification(''), { version: '1' }),
    { requireSignatureV2: true },
  ],
  [
    "The message's certificate URL is not an SNS URL in the topic's Region.",
    { ...genuine, SigningCertURL: 'https://evil.example/x.pem' },
    {},
  ],
  ['The signature of the message is invalid.', { ...genuine, Signature: 'AAAA' }, {}],
  ['The certificate of the message could not be downloaded.', genuine, { fetchCertificate: fail }],
])('%s', async (reason, message, rest) => {
  await expect(verifySnsMessage(message, options(rest))).rejects.toThrow(reason)
})

test('a topic that still signs by version 1 is told how to sign by version 2', async () => {
  const refused = verifySnsMessage(signed(notification(''), { version: '1' }), options({ requireSignatureV2: true }))
  await expect(refused).rejects.toMatchObject({ hint: "Set the topic's attribute SignatureVersion to 2." })
})

test('a message of any age is taken where maxAgeMs is left out', async () => {
  const clock = new ManualClock(publishedAt + 366 * 86_400_000)
  const fields = notification('', { Timestamp: 'at no time that can be read' })
  await expect(verifySnsMessage(signed(fields), options({ clock: new ManualClock(publishedAt) }))).resolves.toEqual(fields)
  await expect(verifySnsMessage(genuine, options({ clock }))).rejects.toMatchObject({ code: 'ERR_SNS_CERTIFICATE' })
})
