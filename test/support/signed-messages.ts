import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { makeCertificate } from './x509.js'

export const topicArn = 'arn:aws:sns:eu-central-1:111122223333:rotations'
export const certificateUrl =
  'https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem'
/** When the messages of this file are published. */
export const publishedAt: number = Date.parse('2030-01-01T00:00:00.000Z')

/** The key that "SNS" signs by in this test file, and its certificate. */
export const signer: { privateKey: KeyObject; publicKey: KeyObject } = generateKeyPairSync('rsa', { modulusLength: 2048 })
export const certificate: string = makeCertificate({ publicKey: signer.publicKey })

export type Fields = Record<string, string>

/** Signs fields as SNS does; what `rest` says stands in the message and is not signed. */
export function signed(fields: Fields, { version = '2', key = signer.privateKey, rest = {} }: SignOptions = {}): Fields {
  const text = textToSign(fields)
  const signature = sign(version === '2' ? 'RSA-SHA256' : 'RSA-SHA1', Buffer.from(text), key)
  return {
    ...fields,
    SignatureVersion: version,
    Signature: signature.toString('base64'),
    SigningCertURL: certificateUrl,
    ...rest,
  }
}

export interface SignOptions {
  version?: string
  key?: KeyObject
  rest?: Fields
}

/** Every field of a message that is signed, in the order of their names, whatever its type. */
function textToSign(fields: Fields): string {
  return Object.keys(fields)
    .sort()
    .map(name => `${name}\n${fields[name]}\n`)
    .join('')
}

let messages = 0

/** The signed fields of a notification. */
export function notification(message: string, fields: Fields = {}): Fields {
  messages += 1
  return {
    Type: 'Notification',
    MessageId: `00000000-0000-4000-8000-${String(messages).padStart(12, '0')}`,
    TopicArn: topicArn,
    Message: message,
    Timestamp: new Date(publishedAt).toISOString(),
    ...fields,
  }
}

/** The signed fields of a message about a subscription. */
export function subscriptionMessage(type: 'SubscriptionConfirmation' | 'UnsubscribeConfirmation', fields: Fields = {}): Fields {
  return {
    ...notification('You have chosen to subscribe.'),
    Type: type,
    Token: 'a'.repeat(200),
    SubscribeURL: 'https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription',
    ...fields,
  }
}
