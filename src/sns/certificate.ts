import { type KeyObject, X509Certificate } from 'node:crypto'
import { SnsMessageError } from './sns-message-error.js'

/** A parsed signing certificate that was issued to SNS. */
export interface Certificate {
  readonly key: KeyObject
  readonly validFrom: number
  readonly validTo: number
}

/** Exactly one certificate: a response with other content around it could contain somebody else's. */
const pemForm = /^\s*-----BEGIN CERTIFICATE-----\r?\n[A-Za-z0-9+/=\r\n]+-----END CERTIFICATE-----\s*$/
/** A certificate of SNS has about 2,000 bytes. */
const longestPem = 16_384
const shortestKeyBits = 2_048
/** By how much the clocks of the two sides may differ. */
const clockSkewMs = 5 * 60_000

/**
 * Parses a certificate once, and checks everything that does not change with time. A download that is not a certificate, such as an HTML
 * page, may be one next time.
 */
export function readCertificate(pem: unknown, name: string): Certificate {
  if (typeof pem !== 'string' || pem.length > longestPem || !pemForm.test(pem)) throw refused('is not a single certificate', true)
  const { certificate, key, isMadeOut } = parse(pem, name)
  if (!isMadeOut) throw refused(`was not issued to ${name}`)
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
  if (key.asymmetricKeyType !== 'rsa' || bits < shortestKeyBits)
    throw refused(`has no RSA key of at least ${shortestKeyBits} bits`)
  return { key, validFrom: Date.parse(certificate.validFrom), validTo: Date.parse(certificate.validTo) }
}

/** Throws unless the certificate is valid now. Called for every message. */
export function checkDates({ validFrom, validTo }: Certificate, now: number): void {
  // A slow clock may be corrected before SNS stops retrying.
  if (!(now >= validFrom - clockSkewMs)) throw refused('is not valid yet', true)
  if (!(now <= validTo + clockSkewMs)) throw refused('has expired')
}

/** Decodes everything here, because OpenSSL decodes lazily: any later access could reveal a part that cannot be decoded. */
function parse(pem: string, name: string): { certificate: X509Certificate; key: KeyObject; isMadeOut: boolean } {
  try {
    const certificate = new X509Certificate(pem)
    const isMadeOut = certificate.checkHost(name, { wildcards: false }) !== undefined
    return { certificate, key: certificate.publicKey, isMadeOut }
  } catch {
    throw refused('cannot be parsed', true)
  }
}

function refused(reason: string, retryable = false): SnsMessageError {
  return new SnsMessageError({ code: 'ERR_SNS_CERTIFICATE', message: `The certificate of the message ${reason}.`, retryable })
}
