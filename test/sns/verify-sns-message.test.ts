import { generateKeyPairSync } from 'node:crypto'
import { expect, test, vi } from 'vitest'
import { verifySnsMessage } from '../../src/sns/verify-sns-message.js'
import { ManualClock } from '../../src/testing/manual-clock.js'
import { nativeEvent } from '../support/rotation-events.js'
import {
  certificate,
  type Fields,
  notification,
  publishedAt,
  signed,
  subscriptionMessage,
  topicArn,
} from '../support/signed-messages.js'

/** Options with a certificate store of their own. */
const options = (rest = {}) => ({
  topicArns: [topicArn],
  clock: new ManualClock(publishedAt),
  fetchCertificate: async () => certificate,
  ...rest,
})
const text = JSON.stringify(nativeEvent())
const genuine = notification(text)

test.each([
  ['a notification', genuine],
  ['a notification with a subject', notification(text, { Subject: 'Rotated' })],
  ['a notification of several lines', notification('one\ntwo\r\nMessageId\nthree')],
  ['a notification in other scripts', notification('päßwörter 🔐')],
  ['a subscription confirmation', subscriptionMessage('SubscriptionConfirmation')],
  ['an unsubscribe confirmation', subscriptionMessage('UnsubscribeConfirmation')],
])('%s is verified by both versions of the signature, as text, bytes and object', async (_, fields) => {
  for (const version of ['1', '2']) {
    const message = signed(fields, { version, rest: { UnsubscribeURL: 'https://elsewhere.example' } })
    await expect(verifySnsMessage(JSON.stringify(message), options())).resolves.toEqual(fields)
    await expect(verifySnsMessage(Buffer.from(JSON.stringify(message)), options())).resolves.toEqual(fields)
    await expect(verifySnsMessage(message, options())).resolves.toEqual(fields)
  }
})

test("Lambda's spelling of a message is read too", async () => {
  const { SigningCertURL, ...message } = signed(genuine)
  await expect(verifySnsMessage({ ...message, SigningCertUrl: SigningCertURL, Subject: null }, options())).resolves.toEqual(
    genuine,
  )
})

const signedNames = ['Message', 'MessageId', 'Subject', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type']

test.each(
  [notification(text, { Subject: 'Rotated' }), subscriptionMessage('SubscriptionConfirmation')].flatMap(fields =>
    signedNames.filter(name => name in fields).map(name => [name, fields.Type, fields] as const),
  ),
)('another %s in a %s is not verified', async (name, _, fields) => {
  const message = signed(fields)
  await expect(verifySnsMessage({ ...message, [name]: `${fields[name]}x` }, options())).rejects.toMatchObject({
    retryable: false,
  })
  await expect(verifySnsMessage({ ...message, [name]: undefined }, options())).rejects.toMatchObject({ retryable: false })
})

test('a subject that was not signed is not verified', async () => {
  await expect(verifySnsMessage({ ...signed(genuine), Subject: '' }, options())).rejects.toMatchObject({
    code: 'ERR_SNS_SIGNATURE',
  })
})

test('a message of another topic is refused, though SNS has signed it', async () => {
  const foreign = signed(notification(text, { TopicArn: 'arn:aws:sns:eu-central-1:999988887777:rotations' }))
  await expect(verifySnsMessage(foreign, options())).rejects.toMatchObject({ code: 'ERR_SNS_TOPIC', retryable: false })
  const longer = signed(notification(text, { TopicArn: `${topicArn}-2` }))
  await expect(verifySnsMessage(longer, options())).rejects.toMatchObject({ code: 'ERR_SNS_TOPIC' })
})

test('what SNS signed for a foreign topic cannot be split into a message of ours', async () => {
  const foreignArn = 'arn:aws:sns:eu-central-1:999988887777:attack'
  const inside = { MessageId: 'forged', Timestamp: genuine.Timestamp!, TopicArn: topicArn, Type: 'Notification' }
  const published = `forged${Object.entries(inside)
    .map(([name, value]) => `\n${name}\n${value}`)
    .join('')}`
  const attack = signed(notification(published, { TopicArn: foreignArn }))
  const tail = `MessageId\n${attack.MessageId}\nTimestamp\n${attack.Timestamp}\nTopicArn\n${foreignArn}\nType\nNotification`
  const resplit: Fields = { ...attack, ...inside, Message: 'forged', Type: `Notification\n${tail}` }
  // The very text that was signed, as the canonical form would give it back.
  const canonical = ['Message', 'MessageId', 'Timestamp', 'TopicArn', 'Type']
  const join = (fields: Fields) => canonical.map(name => `${name}\n${fields[name]}\n`).join('')
  expect(join(resplit)).toBe(join(attack))
  await expect(verifySnsMessage(resplit, options())).rejects.toMatchObject({ code: 'ERR_SNS_MESSAGE' })
})

test.each(
  ['TopicArn', 'Type', 'Subject', 'MessageId', 'Timestamp', 'Token', 'SubscribeURL'].flatMap(name => [
    [name, 'a line feed', '\n'],
    [name, 'a carriage return', '\r'],
  ]),
)('%s with %s is refused, though its signature is good', async (name, _, lineBreak) => {
  const fields: Fields =
    name === 'Subject' ? notification(text, { Subject: 'a' }) : subscriptionMessage('SubscriptionConfirmation')
  const message = signed({ ...fields, [name]: `${fields[name]}${lineBreak}` })
  await expect(verifySnsMessage(message, options({ topicArns: [topicArn] }))).rejects.toMatchObject({ code: 'ERR_SNS_MESSAGE' })
})

test.each(['notification', 'Notification ', 'Other', '', 'toString'])('the Type "%s" is refused', async type => {
  await expect(verifySnsMessage(signed({ ...genuine, Type: type }), options())).rejects.toMatchObject({ code: 'ERR_SNS_MESSAGE' })
})

test('half of a surrogate pair is refused: the signature would not tell it from any other half', async () => {
  const message = signed(notification('\ud800'))
  await expect(verifySnsMessage(message, options())).rejects.toMatchObject({ code: 'ERR_SNS_MESSAGE' })
})

test.each([
  [
    'of another key',
    () => signed(genuine, { key: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey }),
    'ERR_SNS_SIGNATURE',
  ],
  [
    'of another version than it says',
    () => ({ ...signed(genuine, { version: '1' }), SignatureVersion: '2' }),
    'ERR_SNS_SIGNATURE',
  ],
  ['of no version that there is', () => ({ ...signed(genuine), SignatureVersion: '3' }), 'ERR_SNS_SIGNATURE'],
  ['of the version "toString"', () => ({ ...signed(genuine), SignatureVersion: 'toString' }), 'ERR_SNS_SIGNATURE'],
  ['that is empty', () => ({ ...signed(genuine), Signature: '' }), 'ERR_SNS_MESSAGE'],
  ['that is missing', () => ({ ...signed(genuine), Signature: undefined }), 'ERR_SNS_MESSAGE'],
  ['with a line break in it', () => ({ ...signed(genuine), Signature: `${signed(genuine).Signature}\n` }), 'ERR_SNS_MESSAGE'],
  ['in the alphabet of URLs', () => ({ ...signed(genuine), Signature: '-_-_' }), 'ERR_SNS_MESSAGE'],
])('a signature %s is refused', async (_, message, code) => {
  await expect(verifySnsMessage(message(), options())).rejects.toMatchObject({ code, retryable: false })
})

test('any other character in a signature makes it wrong', async () => {
  const message = signed(genuine)
  const signature = message.Signature!
  for (let at = 0; at < signature.length - 2; at += 17) {
    const changed = signature.slice(0, at) + (signature[at] === 'A' ? 'B' : 'A') + signature.slice(at + 1)
    await expect(verifySnsMessage({ ...message, Signature: changed }, options())).rejects.toMatchObject({
      code: 'ERR_SNS_SIGNATURE',
    })
  }
})

test('signatures of version 1 are refused where version 2 is required', async () => {
  const required = options({ requireSignatureV2: true })
  await expect(verifySnsMessage(signed(genuine, { version: '1' }), required)).rejects.toMatchObject({ code: 'ERR_SNS_SIGNATURE' })
  await expect(verifySnsMessage(signed(genuine), required)).resolves.toEqual(genuine)
})

test('with maxAgeMs a message from too long ago, or from the future, is refused', async () => {
  const now = publishedAt + 60_000
  const within = options({ maxAgeMs: 60_000, clock: new ManualClock(now) })
  await expect(verifySnsMessage(signed(genuine), within)).resolves.toEqual(genuine)
  for (const Timestamp of [now - 60_001, now + 60_001].map(at => new Date(at).toISOString())) {
    await expect(verifySnsMessage(signed({ ...genuine, Timestamp }), within)).rejects.toMatchObject({ code: 'ERR_SNS_MESSAGE' })
  }
  await expect(verifySnsMessage(signed({ ...genuine, Timestamp: 'yesterday' }), within)).rejects.toMatchObject({
    code: 'ERR_SNS_MESSAGE',
  })
})

const throwing = new Proxy(
  {},
  {
    get: () => {
      throw new Error('hunter2')
    },
  },
)

test.each([
  undefined,
  null,
  7,
  '',
  'null',
  '[]',
  '{',
  '{}',
  'x'.repeat(2_000_000),
  [],
  () => genuine,
  throwing,
  new Uint8Array([0xff]),
])('garbage (%#) is refused without a download', async garbage => {
  const fetchCertificate = vi.fn(async () => certificate)
  const refusal = await verifySnsMessage(garbage, options({ fetchCertificate })).catch((error: unknown) => error)
  expect(refusal).toMatchObject({ code: 'ERR_SNS_MESSAGE', retryable: false })
  expect(String(refusal)).not.toContain('hunter2')
  expect(fetchCertificate).not.toHaveBeenCalled()
})

test.each([
  [{ topicArns: [] }, 'topicArns'],
  [{ topicArns: topicArn }, 'topicArns'],
  [{ topicArns: ['arn:aws:sqs:eu-central-1:111122223333:rotations'] }, 'topicArns'],
  [{ topicArns: ['arn:aws:sns:s3-us-west-2:111122223333:rotations'] }, 'topicArns'],
  [{ topicArns: [topicArn], maxAgeMs: -1 }, 'maxAgeMs'],
  [{ topicArns: [topicArn], requireSignatureV2: 'yes' }, 'requireSignatureV2'],
  [{ topicArns: [topicArn], fetchCertificate: certificate }, 'fetchCertificate'],
  [{ topicArns: [topicArn], clock: {} }, 'clock'],
  [{ topicArns: [topicArn], topics: [] }, 'topics'],
])('the options %j are a mistake that is named', async (wrong, name) => {
  const refusal = await verifySnsMessage(signed(genuine), wrong as never).catch((error: unknown) => error)
  expect(refusal).toBeInstanceOf(TypeError)
  expect(String(refusal)).toContain(name)
})
