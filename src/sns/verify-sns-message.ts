import { checkOptions } from '../core/options/check-options.js'
import { downloadCertificate } from './download-certificate.js'
import { sharedCertificates } from './shared-certificates.js'
import type { SnsMessage } from './sns-message.js'
import { makeVerifier } from './verifier.js'
import { type VerifySnsMessageOptions, verifierSettings, verifyRules } from './verify-options.js'

/**
 * Tells whether a message was sent by SNS on behalf of a topic of yours.
 *
 * Use it where you receive messages of SNS over HTTP by yourself; to hear about rotations, use `createSnsHandler`. Takes the body as text,
 * bytes or the parsed object. Resolves with the message, reduced to the fields that are signed. Rejects with `SnsMessageError` otherwise:
 * answer 503 if it is `retryable`, else 403. Certificates that have verified a message are kept, and no URL of a message is visited.
 *
 * ```ts
 * async function receive(body: string): Promise<void> {
 *   const message = await verifySnsMessage(body, { topicArns: ['arn:aws:sns:eu-west-1:123456789012:orders'] })
 *   if (message.Type === 'Notification') console.log(message.Message)
 * }
 * ```
 */
export async function verifySnsMessage(input: unknown, options: VerifySnsMessageOptions): Promise<SnsMessage> {
  checkOptions('verifySnsMessage', options, verifyRules)
  const certificates = sharedCertificates(options.fetchCertificate ?? downloadCertificate, options.clock)
  return makeVerifier(verifierSettings(options, certificates, Infinity))(input)
}
