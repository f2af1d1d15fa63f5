import { verify as verifySignature } from 'node:crypto'
import type { CompleteClock } from '../core/time/clock.js'
import { KeepAlive } from '../core/time/keep-alive.js'
import type { Topic } from '../signals/topic.js'
import { type Certificate, checkDates } from './certificate.js'
import { certificateUrlAt } from './certificate-url.js'
import type { Certificates } from './certificates.js'
import { type ClaimedMessage, readMessage, type SnsMessage, signedText } from './sns-message.js'
import { SnsMessageError } from './sns-message-error.js'

/** What decides whether a message is genuine. */
export interface VerifierSettings {
  readonly topics: ReadonlyMap<string, Topic>
  readonly certificates: Certificates
  /** The URLs of certificates that the user has listed. */
  readonly listed: ReadonlySet<string>
  readonly clock: CompleteClock
  readonly requireSignatureV2: boolean
  /** The maximum age of a message, and its maximum distance into the future. */
  readonly maxAgeMs: number
}

/** Resolves with the message if it is genuine; rejects only with `SnsMessageError`, whatever the input. */
export type VerifyMessage = (input: unknown) => Promise<SnsMessage>

const digests: Readonly<Record<string, string>> = { '1': 'RSA-SHA1', '2': 'RSA-SHA256' }

/** Creates a function that verifies messages of the topics and rejects everything else. */
export function makeVerifier(settings: VerifierSettings): VerifyMessage {
  return async input => {
    try {
      return await verify(input, settings)
    } catch (error) {
      if (error instanceof SnsMessageError) throw error
      // A getter or a proxy in the input threw. Its error may quote anything.
      throw new SnsMessageError({ code: 'ERR_SNS_MESSAGE', message: 'This is not a message of SNS: it cannot be read.' })
    }
  }
}

async function verify(input: unknown, settings: VerifierSettings): Promise<SnsMessage> {
  const claimed = readMessage(input)
  const { message } = claimed
  const topic = settings.topics.get(message.TopicArn)
  // The signature only proves that SNS has sent the message. Anybody with an AWS account can have topics.
  if (topic === undefined) throw refused('ERR_SNS_TOPIC', "The message's topic is not in topicArns.")
  checkAge(message, settings)
  const digest = digestOf(claimed, settings)
  const url = urlOf(claimed, topic)

  const named = { url, name: topic.certificateName, isListed: settings.listed.has(url) }
  const found = settings.certificates.get(named)
  const certificate = found instanceof Promise ? await new KeepAlive().during(() => found) : found
  checkStillValid(certificate, url, settings)
  if (!isSignedBy(certificate, claimed, digest)) throw refused('ERR_SNS_SIGNATURE', 'The signature of the message is invalid.')
  settings.certificates.keep(url, certificate)
  return message
}

function checkAge({ Timestamp }: SnsMessage, { clock, maxAgeMs }: VerifierSettings): void {
  if (maxAgeMs === Infinity) return
  const ageMs = clock.now() - Date.parse(Timestamp)
  if (!(Math.abs(ageMs) <= maxAgeMs))
    throw refused('ERR_SNS_MESSAGE', 'The message was published too long ago, or its Timestamp is invalid.')
}

function digestOf({ signatureVersion }: ClaimedMessage, { requireSignatureV2 }: VerifierSettings): string {
  const digest = Object.hasOwn(digests, signatureVersion) ? digests[signatureVersion] : undefined
  if (digest === undefined) throw refused('ERR_SNS_SIGNATURE', 'The version of the signature is not supported.')
  if (requireSignatureV2 && signatureVersion !== '2') {
    throw refused(
      'ERR_SNS_SIGNATURE',
      'The message has signature version 1, and version 2 is required.',
      "Set the topic's attribute SignatureVersion to 2.",
    )
  }
  return digest
}

/** Only the file name is taken from the URL in the message. Everything else follows from the topic, which is configured. */
function urlOf({ certificateUrl: claimed }: ClaimedMessage, { host }: Topic): string {
  const url = certificateUrlAt(host, claimed)
  if (url === undefined)
    throw refused('ERR_SNS_CERTIFICATE', "The message's certificate URL is not an SNS URL in the topic's Region.")
  return url
}

function checkStillValid(certificate: Certificate, url: string, { certificates, clock }: VerifierSettings): void {
  try {
    checkDates(certificate, clock.now())
  } catch (error) {
    certificates.forget(url)
    throw error
  }
}

function isSignedBy({ key }: Certificate, { message, signature }: ClaimedMessage, digest: string): boolean {
  try {
    return verifySignature(digest, Buffer.from(signedText(message)), key, signature)
  } catch {
    // OpenSSL throws on machines where it does not allow SHA-1.
    return false
  }
}

function refused(code: SnsMessageError['code'], message: string, hint?: string): SnsMessageError {
  return new SnsMessageError({ code, message, hint })
}
