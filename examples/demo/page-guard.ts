import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** Keeps other sites out, which a browser on this machine may have open, too. */
export class PageGuard {
  /** Stands in the page; who posts has read it. */
  readonly token: string = randomBytes(24).toString('base64url')

  /** Why a request is refused; undefined if it is welcome. */
  refusal({ headers, method, socket }: IncomingMessage): string | undefined {
    const { localPort } = socket
    const hosts = [`127.0.0.1:${localPort}`, `localhost:${localPort}`]
    // A name of another site may lead to 127.0.0.1.
    if (!hosts.includes(headers.host ?? '')) return `This page is served at http://${hosts[0]}/ alone.`
    if (method === 'GET') return undefined
    if (headers.origin !== `http://${headers.host}`) return 'Only the page itself may do that.'
    const token = Buffer.from(String(headers['x-demo-token'] ?? ''))
    const known = Buffer.from(this.token)
    if (token.length === known.length && timingSafeEqual(token, known)) return undefined
    return 'The demo has been started again: reload the page.'
  }
}
