import { closeIdleSockets, type SocketPool } from './idle-sockets.js'

/** The configuration of a client of the AWS SDK. A caller's client may be a mock without one. */
export interface ConfiguredClient {
  readonly config?: {
    readonly region?: unknown
    readonly credentials?: unknown
    readonly requestHandler?: { httpHandlerConfigs?(): object }
  }
}

/** The Region of a client, which it may have to look up. */
export async function regionOf(client: ConfiguredClient | undefined): Promise<string | undefined> {
  const region = client?.config?.region
  if (typeof region !== 'function') return undefined
  // If there is none, the error of the call itself is better.
  const name: unknown = await Promise.resolve(region()).catch(() => undefined)
  return typeof name === 'string' ? name : undefined
}

/** The account of a client's credentials, if their provider returns it. */
export async function accountIdOf({ config }: ConfiguredClient): Promise<string | undefined> {
  const credentials = config?.credentials
  if (typeof credentials !== 'function') return undefined
  // The client caches its credentials, so this makes no extra call.
  const found: unknown = await Promise.resolve(credentials()).catch(() => undefined)
  const { accountId } = (found ?? {}) as { accountId?: unknown }
  return typeof accountId === 'string' ? accountId : undefined
}

/** Makes the next request of a client use a new connection. */
export function closeIdleSocketsOf({ config }: ConfiguredClient): void {
  // Clients from before October 2023 do not expose their agents.
  const { httpAgent, httpsAgent } = (config?.requestHandler?.httpHandlerConfigs?.() ?? {}) as Record<string, SocketPool>
  closeIdleSockets(httpAgent)
  closeIdleSockets(httpsAgent)
}
