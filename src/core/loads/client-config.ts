import { closeIdleSockets, type SocketPool } from './idle-sockets.js'

/** What a client of the AWS SDK shows of itself. A caller's may be a mock that shows nothing. */
export interface ConfiguredClient {
  readonly config?: {
    readonly region?: unknown
    readonly credentials?: unknown
    readonly requestHandler?: { httpHandlerConfigs?(): object }
  }
}

/** The Region of a client, which it knows or finds. */
export async function regionOf(client: ConfiguredClient | undefined): Promise<string | undefined> {
  const region = client?.config?.region
  if (typeof region !== 'function') return undefined
  // That there is none, the call itself says better.
  const name: unknown = await Promise.resolve(region()).catch(() => undefined)
  return typeof name === 'string' ? name : undefined
}

/** The account of a client's credentials, where their provider tells it. */
export async function accountIdOf({ config }: ConfiguredClient): Promise<string | undefined> {
  const credentials = config?.credentials
  if (typeof credentials !== 'function') return undefined
  // The client keeps what it has found, so this asks nobody.
  const found: unknown = await Promise.resolve(credentials()).catch(() => undefined)
  const { accountId } = (found ?? {}) as { accountId?: unknown }
  return typeof accountId === 'string' ? accountId : undefined
}

/** Lets the next request of a client go out on a new connection. */
export function closeIdleSocketsOf({ config }: ConfiguredClient): void {
  // Clients of before October 2023 do not show their agents.
  const { httpAgent, httpsAgent } = (config?.requestHandler?.httpHandlerConfigs?.() ?? {}) as Record<string, SocketPool>
  closeIdleSockets(httpAgent)
  closeIdleSockets(httpsAgent)
}
