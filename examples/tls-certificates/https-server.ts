import type { RequestListener } from 'node:http'
import { createServer, type Server, type ServerOptions } from 'node:https'
import type { SecretCache } from 'awscurrent'
import { followCertificate } from './certificate.js'

/**
 * Creates an HTTPS server whose certificate follows a secret, until the server closes. It is ready to listen.
 *
 * const server = await createHttpsServer(new SecretCache(), 'prod/tls', { minVersion: 'TLSv1.3' }, app)
 * server.listen(443)
 */
export async function createHttpsServer(
  secrets: SecretCache,
  secretId: string,
  options: ServerOptions,
  listener: RequestListener,
): Promise<Server> {
  const server = createServer(options, listener)
  // `setSecureContext` replaces all settings: without the options, `ca` would be lost, and with it every client that has a certificate.
  const stop = await followCertificate(secrets, secretId, pair => server.setSecureContext({ ...options, ...pair }))
  server.once('close', stop)
  return server
}
