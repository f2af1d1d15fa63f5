import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Library } from './behaviours.js'

/**
 * A library that sets cookies, on a server: the path `/sign?value=…` sets them, and `/verify` answers with the value, or with nothing.
 */
export async function overHttp(handler: RequestListener): Promise<Library> {
  const server = createServer(handler).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const get = (path: string, cookie = ''): Promise<Response> => fetch(`http://127.0.0.1:${port}${path}`, { headers: { cookie } })
  return {
    async sign(value) {
      const { headers } = await get(`/sign?value=${value}`)
      return cookiesIn(headers)
    },
    async verify(cookie) {
      const response = await get('/verify', cookie)
      return (await response.text()) || undefined
    },
    async close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** The cookies that a browser would send back. */
function cookiesIn(headers: Headers): string {
  const cookies = headers.getSetCookie().map(cookie => cookie.split(';')[0])
  if (cookies.length === 0) throw new Error('No cookie was set.')
  return cookies.join('; ')
}
