import { aClock, aDuration, aFlag, aFunction, type OptionRule } from '../core/options/check-options.js'
import { type Clock, completeClock } from '../core/time/clock.js'
import { readTopics } from '../signals/topic.js'
import { readCertificateUrls } from './certificate-url.js'
import { Certificates, type FetchCertificate } from './certificates.js'
import { downloadCertificate } from './download-certificate.js'
import { Downloads } from './downloads.js'
import type { VerifierSettings } from './verifier.js'

/** What `verifySnsMessage` takes. */
export interface VerifySnsMessageOptions {
  /** The topics whose messages are genuine: full ARNs, compared exactly. */
  topicArns: readonly string[]
  /**
   * Fetches the certificate at a URL, which is always one of SNS in the Region of a topic of yours, and resolves with its PEM text. It
   * must not follow redirects.
   * @default a GET by Node's `fetch`
   */
  fetchCertificate?: FetchCertificate | undefined
  /**
   * URLs of certificates that SNS is known to sign by: the SigningCertURL of a message of your topic. They are downloaded ahead of those
   * that anybody can have made up, which matters when a process starts during a flood of forgeries. Others are taken too.
   * @default none
   */
  certificates?: readonly string[] | undefined
  /** Refuses signatures of version 1, which use SHA-1. Topics sign by it unless their attribute SignatureVersion is 2. @default false */
  requireSignatureV2?: boolean | undefined
  /**
   * Refuses a message that was published longer ago. SNS sends a message again for up to an hour.
   * @default Infinity, and 4_500_000 in `createSnsHandler`
   */
  maxAgeMs?: number | undefined
  /** Where the time is read. @default the clock of the machine */
  clock?: Clock | undefined
}

/** The rules of the options; `createSnsHandler` has more. */
export const verifyRules: Readonly<Record<string, OptionRule>> = {
  topicArns: () => undefined,
  fetchCertificate: aFunction,
  certificates: () => undefined,
  requireSignatureV2: aFlag,
  maxAgeMs: aDuration,
  clock: aClock,
}

/** The settings that checked options come to. */
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

/** Certificates that nobody else shares. */
export function ownCertificates({ fetchCertificate = downloadCertificate, clock: given }: VerifySnsMessageOptions): Certificates {
  const clock = completeClock(given)
  return new Certificates(fetchCertificate, new Downloads(clock), clock)
}
