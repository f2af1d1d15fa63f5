import { Agent, type AgentOptions } from 'node:https'
import { createSecureContext } from 'node:tls'
import type { SecretCache } from 'awscurrent'
import { followCertificate } from './certificate.js'

/**
 * Creates an Agent for `https.request`, axios and the like whose client certificate follows a secret until `close`. Requests after a
 * rotation use new connections; the Agent cannot tell whether the server accepts the new certificate.
 *
 * const { agent, close } = await createMtlsAgent(new SecretCache(), 'prod/client-tls', { ca })
 * https.get('https://api.internal/orders', { agent }, response => …)
 */
export async function createMtlsAgent(
  secrets: SecretCache,
  secretId: string,
  options: AgentOptions,
): Promise<{ agent: Agent; close(): void }> {
  const agent = new Agent({ keepAlive: true, ...options })
  const stop = await followCertificate(secrets, secretId, pair => {
    createSecureContext({ ...options, ...pair }) // throws if they do not match
    Object.assign(agent.options, pair)
  })
  return {
    agent,
    close() {
      stop()
      agent.destroy()
    },
  }
}
