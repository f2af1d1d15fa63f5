import type { SecretCache } from 'awscurrent'
import { createSwap, type Swap } from 'awscurrent/swap'
import { Agent, request } from 'undici'
import { Certificate } from './certificate.js'

/**
 * Creates a client of a server that requires client certificates. The certificate follows a secret: each new one gets an Agent of its own,
 * which takes over once the server has accepted it at `healthUrl`. The Agent before it ends when its requests have ended.
 *
 * const client = createMtlsClient(new SecretCache(), 'prod/client-tls', { ca, healthUrl: 'https://api.internal/health' })
 * const orders = await client.use(async dispatcher => {
 *   const { body } = await request('https://api.internal/orders', { dispatcher })
 *   return body.json()
 * })
 */
export function createMtlsClient(
  secrets: SecretCache,
  secretId: string,
  { ca, healthUrl }: { ca: string; healthUrl: string },
): Swap<Agent> {
  const swap = createSwap({
    cache: secrets,
    secretId,
    create: secret => new Agent({ connect: { ca, ...secret.json(Certificate) } }),
    async verify(dispatcher) {
      const { statusCode, body } = await request(healthUrl, { dispatcher })
      await body.dump()
      // nginx, for one, accepts every certificate in the handshake and then answers 400.
      if (statusCode !== 200) throw new Error(`The server answers ${statusCode}.`)
    },
    drain: agent => agent.close(),
  })
  swap.on('refused', ({ reason, code }) => console.error(reason, code))
  return swap
}
