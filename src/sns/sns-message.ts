import { SnsMessageError } from './sns-message-error.js'

interface SignedFields {
  /** The id of the message. The same when SNS sends it again. */
  readonly MessageId: string
  /** The topic that it was published to. */
  readonly TopicArn: string
  /** What was published; for a subscription, a sentence of SNS. */
  readonly Message: string
  /** When it was published: `2030-01-31T12:00:00.000Z`. The same when SNS sends it again. */
  readonly Timestamp: string
}

/** What was published to a topic. */
export interface SnsNotification extends SignedFields {
  /** What kind of message it is. */
  readonly Type: 'Notification'
  /** What the publisher gave as a subject, if anything. */
  readonly Subject?: string
}

/** Asks whether a subscription is wanted, or says that it has ended. */
export interface SnsSubscriptionMessage extends SignedFields {
  /** What kind of message it is. */
  readonly Type: 'SubscriptionConfirmation' | 'UnsubscribeConfirmation'
  /** What confirms the subscription, by `ConfirmSubscription` of the API. */
  readonly Token: string
  /** Not to be visited: confirm by the API. */
  readonly SubscribeURL: string
}

/** A genuine message of SNS: the fields that are signed, by the names that SNS gives them, and no others. */
export type SnsMessage = SnsNotification | SnsSubscriptionMessage

/** A message as it arrived: of a message's form, and not yet known to be genuine. */
export interface ClaimedMessage {
  readonly message: SnsMessage
  readonly signatureVersion: string
  readonly signature: Buffer
  readonly certificateUrl: string
}

/** SNS publishes at most 256 KiB; written as JSON that may be several times as long. */
const longestText = 1024 * 1024
/** All but the message itself are short. */
const longestField = 4_096

const notificationFields = ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'] as const
const subscriptionFields = ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'] as const

/** Reads a message from JSON text or from the object that was parsed from it. Throws `SnsMessageError`, whatever it is given. */
export function readMessage(input: unknown): ClaimedMessage {
  const object = asObject(input)
  const message = readSigned(object)
  const signature = object.Signature
  const signatureVersion = object.SignatureVersion
  // Lambda spells it in its own way.
  const certificateUrl = object.SigningCertURL ?? object.SigningCertUrl
  if (typeof signature !== 'string' || signature.length > longestField) throw refused('its signature is missing')
  if (typeof signatureVersion !== 'string') throw refused('the version of its signature is missing')
  if (typeof certificateUrl !== 'string' || certificateUrl.length > longestField)
    throw refused('the URL of its certificate is missing')
  return { message, signatureVersion, signature: decodeSignature(signature), certificateUrl }
}

/** The text that SNS signs: each field's name and value on a line of its own. */
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
    throw refused('its Type is none of the three that there are')
  }
  const signed: Record<string, string> = {}
  for (const name of signedFieldsOf(type)) {
    const value = object[name]
    // Lambda writes null where there is no subject.
    if (name === 'Subject' && (value === undefined || value === null)) continue
    signed[name] = readField(name, value)
  }
  return Object.freeze(signed) as unknown as SnsMessage
}

function readField(name: string, value: unknown): string {
  if (typeof value !== 'string') throw refused(`its ${name} is missing`)
  if (value.length > (name === 'Message' ? longestText : longestField)) throw refused(`its ${name} is too long`)
  // With a line break in a field, the text that was signed for somebody else's topic could be split into a message of this one.
  if (name !== 'Message' && /[\r\n]/.test(value)) throw refused(`its ${name} has a line break`)
  // Half of a surrogate pair is signed like any other half: the signature would not bind it.
  if (!value.isWellFormed()) throw refused(`its ${name} is not well-formed text`)
  return value
}

/** Node decodes nearly anything; only the one spelling of the bytes is taken. */
function decodeSignature(text: string): Buffer {
  const signature = Buffer.from(text, 'base64')
  if (signature.length === 0 || signature.toString('base64') !== text) throw refused('its signature is not base64')
  return signature
}

function refused(reason: string): SnsMessageError {
  return new SnsMessageError({ code: 'ERR_SNS_MESSAGE', message: `This is not a message of SNS: ${reason}.` })
}
