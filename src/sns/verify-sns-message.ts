import { checkOptions } from '../core/options/check-options.js'
import { downloadCertificate } from './download-certificate.js'
import { sharedCertificates } from './shared-certificates.js'
import type { SnsMessage } from './sns-message.js'
import { makeVerifier } from './verifier.js'
import { type VerifySnsMessageOptions, verifierSettings, verifyRules } from './verify-options.js'

/**
 * Verifies that SNS has sent a message on behalf of one of your topics.
 *
 * Use it if you receive SNS messages over HTTP yourself; to receive rotation events, use `createSnsHandler`. Pass the body as text, as
 * bytes or as the parsed object. Resolves with the message, reduced to the fields that are signed; otherwise rejects with an
 * `SnsMessageError`, whose `code` says why: respond with 503 if it is `retryable`, else with 403. Certificates that have verified a message
 * are kept in memory, and no URL from a message is requested.
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
