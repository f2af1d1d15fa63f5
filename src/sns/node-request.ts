import type { IncomingMessage, ServerResponse } from 'node:http'
import { BodyError, type BodyReader, checkLength } from './body.js'
import type { IncomingRequest, Reply } from './receiver.js'

/** A request of Node's HTTP server, even if a framework's parser has already read its body. */
export function nodeRequest(request: IncomingMessage & { body?: unknown }, bodies: BodyReader): IncomingRequest {
  return {
    method: request.method,
    header: name => request.headers[name]?.toString(),
    async body() {
      // Some parsers set an empty object as the body of a request that they did not read, so check whether the stream has been read.
      if (request.readableDidRead === false) {
        checkLength(request.headers['content-length'])
        return bodies.read(chunksOf(request))
      }
      if (request.body === undefined) throw new BodyError(503, 'The body was already read before it reached this handler.')
      return request.body
    },
  }
}

/** The stream yields strings if a middleware has set its encoding. */
async function* chunksOf(request: IncomingMessage): AsyncGenerator<Uint8Array> {
  for await (const chunk of request.iterator({ destroyOnReturn: false }))
    yield typeof chunk === 'string' ? Buffer.from(chunk, request.readableEncoding ?? 'utf8') : chunk
}

/** Sends a response, unless another handler has done so. */
export function sendNode(request: IncomingMessage, response: ServerResponse, { status, text }: Reply): void {
  if (response.headersSent || response.destroyed) return
  // The rest of a body that is too long or too slow is not read: the connection ends with the response.
  const isUnread = request.complete === false && request.httpVersionMajor === 1
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    ...(status === 405 && { allow: 'POST' }),
    ...(isUnread && { connection: 'close' }),
  })
  response.end(`${text}\n`)
}
