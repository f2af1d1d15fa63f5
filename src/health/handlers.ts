import type { IncomingMessage, ServerResponse } from 'node:http'
import type { HealthReport } from './report.js'

/** Request handlers for probes: `/livez` and `/readyz`, under any prefix. */
export interface HealthHandlers {
  /**
   * The handler for Node's HTTP server, and middleware for Express. In Fastify, call `reply.hijack()` and pass `request.raw` and `reply.raw`.
   * Responds to other paths with 404, or calls `next`.
   */
  handler(request: IncomingMessage, response: ServerResponse, next?: () => void): Promise<void>
  /** The same for servers that use the web standard `Request` and `Response`. */
  fetch(request: Request): Promise<Response>
}

interface Answer {
  readonly status: number
  readonly body: object
}

const headers = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' }

const notFound: Answer = { status: 404, body: { reason: 'There are /livez and /readyz.' } }

export function handlersOf(check: () => Promise<HealthReport>): HealthHandlers {
  async function answer(method: string | undefined, path: string): Promise<Answer> {
    const probe = /\/(livez|readyz)\/?$/.exec(path)?.[1]
    if (probe === undefined) return notFound
    if (method !== 'GET' && method !== 'HEAD') return { status: 405, body: { reason: 'A probe is a GET.' } }
    // A new process would find the same AWS and the same database.
    if (probe === 'livez') return { status: 200, body: { verdict: 'ok' } }
    const report = await check()
    return { status: report.verdict === 'failing' ? 503 : 200, body: report }
  }
  return {
    async handler(request, response, next) {
      const [path = ''] = (request.url ?? '').split('?')
      const found = await answer(request.method, path)
      if (found === notFound && next !== undefined) {
        next()
        return
      }
      if (response.headersSent || response.destroyed) return
      response.writeHead(found.status, headers)
      response.end(request.method === 'HEAD' ? undefined : JSON.stringify(found.body))
    },
    async fetch(request) {
      const { status, body } = await answer(request.method, new URL(request.url).pathname)
      return new Response(request.method === 'HEAD' ? null : JSON.stringify(body), { status, headers })
    },
  }
}
