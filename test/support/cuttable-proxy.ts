import { TcpProxy, type Way } from './tcp-proxy.js'

/** A way to a server that a test can cut. */
export interface CuttableProxy extends AsyncDisposable {
  /** What a client takes for the server's endpoint. */
  readonly endpoint: string
  /** How many connections wait for an answer that never comes. */
  readonly held: number
  /** Ends every connection, and from now on each new one at once. */
  cut(): void
  /** Forgets the connections that there are, as after a long pause: each is reset by its next byte. New ones work. */
  forget(): void
  /** How many connections there are. */
  readonly open: number
  /** Lets nothing through any more, and says nothing. */
  swallow(): void
  restore(): void
  close(): Promise<void>
}

/** Passes bytes on to an endpoint such as `http://127.0.0.1:49152`. */
export async function startProxy(endpoint: string): Promise<CuttableProxy> {
  const { hostname: host, port } = new URL(endpoint)
  let way: 'led on' | 'reset' | 'kept waiting' = 'led on'
  let held = 0
  const proxy = await TcpProxy.open(
    { host, port: Number(port) },
    {
      admit() {
        if (way === 'kept waiting') held += 1
        return way
      },
    },
  )
  const change = (next: typeof way): void => {
    way = next
    proxy.end()
  }
  const close = (): Promise<void> => proxy.close()
  const ledOn = (): Way[] => proxy.ways.filter(({ onward }) => onward !== undefined)
  return {
    endpoint: `http://127.0.0.1:${proxy.port}`,
    get held() {
      return held
    },
    get open() {
      return ledOn().length
    },
    cut: () => change('reset'),
    swallow: () => change('kept waiting'),
    restore: () => change('led on'),
    forget() {
      for (const { client } of ledOn()) {
        client.unpipe()
        client.once('data', () => client.resetAndDestroy())
        client.resume()
      }
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}
