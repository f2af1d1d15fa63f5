import { aClock, aDuration, aFlag, aFunction, type OptionRule } from '../core/options/check-options.js'
import { type Clock, completeClock } from '../core/time/clock.js'
import { readTopics } from '../signals/topic.js'
import { readCertificateUrls } from './certificate-url.js'
import { Certificates, type FetchCertificate } from './certificates.js'
import { downloadCertificate } from './download-certificate.js'
import { Downloads } from './downloads.js'
import type { VerifierSettings } from './verifier.js'

/** The options of `verifySnsMessage`. */
export interface VerifySnsMessageOptions {
  /** The topics to accept messages from: full ARNs, compared exactly. */
  topicArns: readonly string[]
  /**
   * Downloads the certificate at a URL, which is always one of SNS in the Region of one of your topics, and resolves with its PEM text. It
   * must not follow redirects.
   * @default a GET with Node's `fetch`
   */
  fetchCertificate?: FetchCertificate | undefined
  /**
   * URLs of certificates that SNS is known to sign with: the SigningCertURL of a message from your topic. They are downloaded before those
   * that anybody can have made up, which matters when a process starts during a flood of forged messages. Other certificates are accepted
   * too.
   * @default none
   */
  certificates?: readonly string[] | undefined
  /**
   * Whether signatures of version 1, which use SHA-1, are rejected. SNS signs with version 1 unless the topic's attribute SignatureVersion
   * is 2.
   * @default false
   */
  requireSignatureV2?: boolean | undefined
  /**
   * The maximum age of a message in milliseconds; an older one is rejected. SNS retries a message for up to an hour.
   * @default Infinity, and 4_500_000 in `createSnsHandler`
   */
  maxAgeMs?: number | undefined
  /** The clock to use. @default the machine's clock */
  clock?: Clock | undefined
}

/** The rules for the options; `createSnsHandler` adds its own. */
export const verifyRules: Readonly<Record<string, OptionRule>> = {
  topicArns: () => undefined,
  fetchCertificate: aFunction,
  certificates: () => undefined,
  requireSignatureV2: aFlag,
  maxAgeMs: aDuration,
  clock: aClock,
}

/** The settings that result from checked options. */
export function verifierSettings(
  options: VerifySnsMessageOptions,
  certificates: Certificates,
  maxAgeMs: number,
): VerifierSettings {
  const topics = readTopics(options.topicArns)
  return {
    topics,
    certificates,
    listed: readCertificateUrls(options.certificates, topics),
    clock: completeClock(options.clock),
    requireSignatureV2: options.requireSignatureV2 ?? false,
    maxAgeMs: options.maxAgeMs ?? maxAgeMs,
  }
}

/** Certificates that are not shared with others. */
export function ownCertificates({ fetchCertificate = downloadCertificate, clock: given }: VerifySnsMessageOptions): Certificates {
  const clock = completeClock(given)
  return new Certificates(fetchCertificate, new Downloads(clock), clock)
}
