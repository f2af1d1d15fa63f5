import { createSecureServer, type Http2SecureServer, type SecureServerOptions } from 'node:http2'
import type { SecretCache } from 'awscurrent'
import { followCertificate } from './certificate.js'

/**
 * Creates an HTTP/2 server whose certificate follows a secret, until the server closes. It is ready to listen.
 *
 * const server = await createHttp2Server(new SecretCache(), 'prod/tls', { allowHTTP1: true })
 * server.on('request', app).listen(443)
 */
export async function createHttp2Server(
  secrets: SecretCache,
  secretId: string,
  options: SecureServerOptions,
): Promise<Http2SecureServer> {
  const server = createSecureServer(options)
  // `setSecureContext` replaces all settings: without the options, `ca` would be lost, and with it every client that has a certificate.
  const stop = await followCertificate(secrets, secretId, pair => server.setSecureContext({ ...options, ...pair }))
  server.once('close', stop)
  return server
}
