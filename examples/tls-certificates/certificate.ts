// A certificate and its private key in one JSON secret: {"cert": "-----BEGIN CERTIFICATE-----…", "key": "-----BEGIN PRIVATE KEY-----…"}
import type { SecretCache, StandardSchema } from 'awscurrent'
import { z } from 'zod'

/** PEM text. The certificates of intermediate authorities follow the first one in `cert`. */
export interface CertificatePair {
  cert: string
  key: string
}

/** Node.js accepts a certificate without a key, and empty text, and fails at each handshake, so neither may get that far. */
export const Certificate: StandardSchema<CertificatePair> = z.object({ cert: z.string().min(1), key: z.string().min(1) })

/**
 * Calls `use` with the certificate of a secret before it resolves, and then with each new one, until the returned function is called.
 * If `use` throws for a new one, the certificate in use should stay as it is.
 */
export async function followCertificate(
  secrets: SecretCache,
  secretId: string,
  use: (pair: CertificatePair) => void,
): Promise<() => void> {
  const certificate = secrets.handle(secretId, { schema: Certificate })
  use(await certificate.get())
  const stopListening = certificate.on('rotated', async ({ versionId }) => {
    try {
      use(await certificate.get())
    } catch (error) {
      console.error(`Version ${versionId} of ${secretId} cannot be used, so the certificate before it stays:`, error)
    }
  })
  // Without rotation events, a read notices a rotation, and nothing else here reads. Within the TTL, a read costs no call.
  const reading = setInterval(() => {
    certificate.get().catch(() => {}) // the cache reports it with its `error` event
  }, 60_000).unref()
  return () => {
    stopListening()
    clearInterval(reading)
  }
}
