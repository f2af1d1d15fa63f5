import { Socket } from 'node:net'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, type MockInstance, test, vi } from 'vitest'
import { verifySnsMessage } from '../../src/sns/index.js'
import { ManualClock } from '../../src/testing/index.js'
import { nativeEvent } from '../support/rotation-events.js'
import {
  certificate,
  certificateUrl,
  type Fields,
  notification,
  publishedAt,
  signed,
  subscriptionMessage,
  topicArn,
} from '../support/signed-messages.js'
import { damaged, damagedJson } from './damage.js'
import { fuzz } from './fuzz.js'
import { codeOf } from './planted.js'
import { damagedBytes, damageText, textDamage } from './text-damage.js'

const fields = [
  notification(JSON.stringify(nativeEvent())),
  notification('rotated', { Subject: 'Rotated' }),
  subscriptionMessage('SubscriptionConfirmation'),
  subscriptionMessage('UnsubscribeConfirmation'),
]
const asLambda = ({ SigningCertURL, ...message }: Fields) => ({ ...message, SigningCertUrl: SigningCertURL, Subject: null })
const messages = [
  ...fields.flatMap(each => ['1', '2'].map(version => signed(each, { version }))),
  asLambda(signed(fields[0]!)),
  signed(notification('foreign', { TopicArn: 'arn:aws:sns:eu-central-1:999988887777:attack' })),
]
/** Downloads are counted by the clock: each input has one of its own. */
const newClock = () => new ManualClock(publishedAt)
const genuine = new Set(fields.map(canonical))
const rightUrl = new RegExp(`^${certificateUrl.replace(/[0-9a-f]{32}/, '[0-9a-f]{32}')}$`)

function canonical(message: object): string {
  return JSON.stringify(Object.entries(message).sort(([a], [b]) => (a < b ? -1 : 1)))
}

let connect: MockInstance

beforeEach(() => {
  connect = vi.spyOn(Socket.prototype, 'connect').mockImplementation(() => {
    throw new Error('There is no network here.')
  })
})

afterEach(() => {
  connect.mockRestore()
})

test('a message is taken only if it says what SNS has signed, and else refused with a code and without a connection', async context => {
  const inputs = fc.oneof(damaged(messages), damagedJson(messages), damagedBytes(damagedJson(messages)), fc.anything())
  const { verdicts } = await fuzz(context, inputs, async input => {
    const fetched: string[] = []
    const fetchCertificate = async (url: string) => {
      fetched.push(url)
      return certificate
    }
    const verdict = await verifySnsMessage(input, { topicArns: [topicArn], clock: newClock(), fetchCertificate }).then(
      message => {
        expect(genuine).toContain(canonical(message))
        return 'genuine'
      },
      codeOf,
    )
    // Not where it is fetched: a failure there would be a failed download.
    for (const url of fetched) expect(url).toMatch(rightUrl)
    return verdict
  })
  expect(Object.keys(verdicts).sort()).toEqual([
    'ERR_SNS_CERTIFICATE',
    'ERR_SNS_MESSAGE',
    'ERR_SNS_SIGNATURE',
    'ERR_SNS_TOPIC',
    'genuine',
  ])
  expect(connect).not.toHaveBeenCalled()
})

const der = Buffer.from(certificate.replace(/-.*-/g, ''), 'base64')
const asPem = (bytes: Buffer) =>
  `-----BEGIN CERTIFICATE-----\n${(bytes.toString('base64').match(/.{1,64}/g) ?? []).join('\n')}\n-----END CERTIFICATE-----\n`

const damagedDer = fc
  .array(fc.record({ at: fc.nat(der.length - 1), bits: fc.integer({ min: 1, max: 255 }) }), { minLength: 1, maxLength: 4 })
  .map(changes => {
    const bytes = Buffer.from(der)
    for (const { at, bits } of changes) bytes[at]! ^= bits
    return asPem(bytes)
  })
const damagedPem = fc.array(textDamage, { maxLength: 3 }).map(damages => damages.reduce(damageText, certificate))

test('whatever stands where the certificate should be, a genuine message is taken or refused with a code', async context => {
  const message = signed(fields[0]!)
  const { verdicts } = await fuzz(context, fc.oneof(damagedDer, damagedDer, damagedPem, fc.anything()), async pem => {
    const fetchCertificate = async () => pem as string
    return verifySnsMessage(message, { topicArns: [topicArn], clock: newClock(), fetchCertificate }).then(() => 'genuine', codeOf)
  })
  expect(Object.keys(verdicts).sort()).toEqual(['ERR_SNS_CERTIFICATE', 'ERR_SNS_SIGNATURE', 'genuine'])
  expect(connect).not.toHaveBeenCalled()
})
