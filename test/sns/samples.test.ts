import { expect, test } from 'vitest'
import { verifySnsMessage } from '../../src/sns/verify-sns-message.js'
import { ManualClock } from '../../src/testing/manual-clock.js'
import { hasSamples, readSample } from '../support/samples.js'

const names = [
  'sns-notification-v1-2022.signed.json',
  'sns-notification-v1-subject.signed.json',
  'sns-notification-v2-2022.signed.json',
  'sns-notification-v2.signed.json',
  'sns-subscription-confirmation-v1.signed.json',
  'sns-unsubscribe-confirmation-v2.signed.json',
]
const signedNames = ['Message', 'MessageId', 'Subject', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type']

if (hasSamples) {
  test.each(names)('%s, signed by SNS itself, is verified, and with any change is not', async name => {
    const message = JSON.parse(readSample(name)) as Record<string, string>
    const verify = (changes: Record<string, string>) =>
      verifySnsMessage(
        { ...message, ...changes },
        {
          topicArns: [message.TopicArn!],
          clock: new ManualClock(Date.parse(message.Timestamp!)),
          fetchCertificate: async url => readSample(`certs/${url.split('/').at(-1)}`),
        },
      )
    await expect(verify({})).resolves.toMatchObject({ MessageId: message.MessageId })

    for (const field of signedNames.filter(each => each in message)) {
      const text = message[field]!
      const at = Math.floor(text.length / 2)
      const changed = text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ 1) + text.slice(at + 1)
      await expect(verify({ [field]: changed }), `with another ${field}`).rejects.toMatchObject({ retryable: false })
    }
    const signature = message.Signature!
    for (const at of [0, 100, 200, 300, signature.length - 4]) {
      const changed = signature.slice(0, at) + (signature[at] === 'A' ? 'B' : 'A') + signature.slice(at + 1)
      await expect(verify({ Signature: changed })).rejects.toMatchObject({ code: 'ERR_SNS_SIGNATURE' })
    }
  })
} else {
  test('no messages signed by SNS itself lie beside this checkout: only those of our own authority were checked', () => {
    expect(hasSamples).toBe(false)
  })
}
