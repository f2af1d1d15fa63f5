import { BodyError, type BodyReader, checkLength } from './body.js'
import type { IncomingRequest, Reply } from './receiver.js'

/** A web standard `Request`. */
export function webRequest(request: Request, bodies: BodyReader): IncomingRequest {
  return {
    method: request.method,
    header: name => request.headers.get(name) ?? undefined,
    async body() {
      if (request.bodyUsed || request.body?.locked)
        throw new BodyError(503, 'The body was already read before it reached this handler.')
      checkLength(request.headers.get('content-length'))
      if (request.body === null) return ''
      const reader = request.body.getReader()
      try {
        return await bodies.read({ next: async () => (await reader.read()) as IteratorResult<Uint8Array> })
      } finally {
        // Cancels a body that was given up; errors of the other side do not matter.
        reader.cancel().catch(() => {})
      }
    },
  }
}

/** A reply as a `Response`. */
export function webResponse({ status, text }: Reply): Response {
  return new Response(`${text}\n`, {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8', ...(status === 405 && { allow: 'POST' }) },
  })
}
