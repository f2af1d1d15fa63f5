import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { makeCertificate } from './x509.js'

/** A certificate that vouches for itself, valid today, and its key. */
export interface TestPair {
  readonly cert: string
  readonly key: string
}

/** Of two certificates with one name, OpenSSL trusts only one. */
export function makePair(name: string): TestPair {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const [validFrom, validTo] = [-1, 1].map(days => new Date(Date.now() + days * 86_400_000)) as [Date, Date]
  const cert = makeCertificate({ publicKey, privateKey, name, validFrom, validTo })
  return { cert, key: String(privateKey.export({ type: 'pkcs8', format: 'pem' })) }
}

/** What tells a certificate from another one in a handshake. */
export const fingerprintOf = ({ cert }: TestPair): string => new X509Certificate(cert).fingerprint256
