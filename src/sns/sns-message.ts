import { SnsMessageError } from './sns-message-error.js'

interface SignedFields {
  /** The id of the message. It stays the same when SNS retries it. */
  readonly MessageId: string
  /** The topic that it was published to. */
  readonly TopicArn: string
  /** What was published; in a message about a subscription, a sentence from SNS. */
  readonly Message: string
  /** When it was published: `2030-01-31T12:00:00.000Z`. It stays the same when SNS retries it. */
  readonly Timestamp: string
}

/** A message that was published to a topic. */
export interface SnsNotification extends SignedFields {
  /** The type of the message. */
  readonly Type: 'Notification'
  /** The subject, if the publisher has set one. */
  readonly Subject?: string
}

/** A message that asks for the confirmation of a subscription, or says that it has ended. */
export interface SnsSubscriptionMessage extends SignedFields {
  /** The type of the message. */
  readonly Type: 'SubscriptionConfirmation' | 'UnsubscribeConfirmation'
  /** The token that confirms the subscription, with `ConfirmSubscription` of the API. */
  readonly Token: string
  /** A URL that confirms the subscription. Do not request it; confirm through the API. */
  readonly SubscribeURL: string
}

/** A verified SNS message: only the fields that are signed, under the names that SNS uses. */
export type SnsMessage = SnsNotification | SnsSubscriptionMessage

/** A message as it was received: its form is valid, but it is not verified yet. */
export interface ClaimedMessage {
  readonly message: SnsMessage
  readonly signatureVersion: string
  readonly signature: Buffer
  readonly certificateUrl: string
}

/** SNS publishes at most 256 KiB; written as JSON, that may be several times as long. */
const longestText = 1024 * 1024
/** All fields but the message itself are short. */
const longestField = 4_096

const notificationFields = ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'] as const
const subscriptionFields = ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'] as const

/** Reads a message from JSON text or from the parsed object. Throws only `SnsMessageError`, whatever the input. */
export function readMessage(input: unknown): ClaimedMessage {
  const object = asObject(input)
  const message = readSigned(object)
  const signature = object.Signature
  const signatureVersion = object.SignatureVersion
  // Lambda spells it differently.
  const certificateUrl = object.SigningCertURL ?? object.SigningCertUrl
  if (typeof signature !== 'string' || signature.length > longestField) throw refused('its signature is missing')
  if (typeof signatureVersion !== 'string') throw refused('the version of its signature is missing')
  if (typeof certificateUrl !== 'string' || certificateUrl.length > longestField)
    throw refused('the URL of its certificate is missing')
  return { message, signatureVersion, signature: decodeSignature(signature), certificateUrl }
}

/** The text that SNS signs: the name and the value of each field, each on its own line. */
export function signedText(message: SnsMessage): string {
  const fields = message as unknown as Partial<Record<string, string>>
  let text = ''
  for (const name of signedFieldsOf(message.Type)) {
    if (fields[name] !== undefined) text += `${name}\n${fields[name]}\n`
  }
  return text
}

function signedFieldsOf(type: SnsMessage['Type']): readonly string[] {
  return type === 'Notification' ? notificationFields : subscriptionFields
}

function asObject(input: unknown): Record<string, unknown> {
  let content = input
  if (typeof input === 'string' || input instanceof Uint8Array) {
    if (input.length > longestText) throw refused('it is too long')
    try {
      content = JSON.parse(typeof input === 'string' ? input : new TextDecoder('utf-8', { fatal: true }).decode(input))
    } catch {
      throw refused('it is not JSON')
    }
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) throw refused('it is not an object')
  return content as Record<string, unknown>
}

function readSigned(object: Record<string, unknown>): SnsMessage {
  const type = object.Type
  if (type !== 'Notification' && type !== 'SubscriptionConfirmation' && type !== 'UnsubscribeConfirmation') {
    throw refused('its Type is not one of the three types of SNS messages')
  }
  const signed: Record<string, string> = {}
  for (const name of signedFieldsOf(type)) {
    const value = object[name]
    // Lambda writes null if there is no subject.
    if (name === 'Subject' && (value === undefined || value === null)) continue
    signed[name] = readField(name, value)
  }
  return Object.freeze(signed) as unknown as SnsMessage
}

function readField(name: string, value: unknown): string {
  if (typeof value !== 'string') throw refused(`its ${name} is missing`)
  if (value.length > (name === 'Message' ? longestText : longestField)) throw refused(`its ${name} is too long`)
  // With a line break in a field, the text that was signed for somebody else's topic could be split into a message of this topic.
  if (name !== 'Message' && /[\r\n]/.test(value)) throw refused(`its ${name} has a line break`)
  // Halves of surrogate pairs are all signed as the same bytes, so the signature would not protect their value.
  if (!value.isWellFormed()) throw refused(`its ${name} is not well-formed text`)
  return value
}

/** Node decodes almost any text; only the canonical encoding of the bytes is accepted. */
function decodeSignature(text: string): Buffer {
  const signature = Buffer.from(text, 'base64')
  if (signature.length === 0 || signature.toString('base64') !== text) throw refused('its signature is not base64')
  return signature
}

function refused(reason: string): SnsMessageError {
  return new SnsMessageError({ code: 'ERR_SNS_MESSAGE', message: `This is not a message of SNS: ${reason}.` })
}
