import type { Agent, IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import { closeIdleSockets } from '../core/loads/idle-sockets.js'
import { untilAborted } from '../core/time/until-aborted.js'

/** A response of any status. */
export interface HttpAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A request, and the signal that ends the wait for its response. */
interface HttpRequest {
  method: 'GET' | 'POST'
  headers: OutgoingHttpHeaders
  body?: string
  signal: AbortSignal
  /** Whether to close all idle connections and open a new one. */
  newConnection?: boolean | undefined
}

/** Requests to one URL over connections that are kept open in between. An idle one does not keep the process alive. */
export interface Connection {
  /** Resolves with any response. An error after the response has begun has its HTTP status, as `$metadata`. */
  send(request: HttpRequest): Promise<HttpAnswer>
  /** Closes all connections, also those that wait for a response, and ends the requests that wait for a connection. */
  close(): void
}

type Web = Pick<typeof import('node:http'), 'request'> & {
  Agent: new (options: { keepAlive: boolean; maxSockets: number }) => Agent
}

/** Twice the size of twenty secrets of the maximum length with every character escaped. */
const longestAnswer = 16 * 1024 * 1024

/** As many connections as the SDK opens at once. Further requests wait for their turn. */
const maxSockets = 50

/** Returns a connection, which is opened with the first request. */
export function connectTo(url: URL): Connection {
  let agent: Agent | undefined
  return {
    async send({ body, newConnection, ...options }) {
      // Load TLS only if it is needed. An import() would first load Node's ES module loader, even from CommonJS.
      const { Agent, request } = process.getBuiltinModule(url.protocol === 'https:' ? 'node:https' : 'node:http') as Web
      if (newConnection) closeIdleSockets(agent)
      agent ??= new Agent({ keepAlive: true, maxSockets })
      const answer = new Promise<HttpAnswer>((resolve, reject) => {
        request(url, { ...options, agent }, incoming => read(incoming).then(resolve, reject))
          // Without a listener, Node closes the connection and reports nothing.
          .on('upgrade', ({ headers }, socket) => {
            socket.destroy()
            resolve({ status: 101, headers, body: '' })
          })
          .on('error', reject)
          .end(body)
      })
      // Node reports an abort to a request in the queue only when its turn comes.
      return untilAborted(answer, options.signal)
    },
    close() {
      if (agent === undefined) return
      const waiting = Object.values(agent.requests).flat()
      // Without this, Node would open new connections for the requests in the queue.
      Object.assign(agent, { requests: {} }).destroy()
      for (const request of waiting) request?.emit('error', new Error('closed'))
    },
  }
}

async function read(incoming: IncomingMessage): Promise<HttpAnswer> {
  const { statusCode: status = 0, headers } = incoming
  const chunks: Buffer[] = []
  let length = 0
  try {
    for await (const chunk of incoming as AsyncIterable<Buffer>) {
      length += chunk.length
      if (length > longestAnswer) throw new Error('The response is too long.')
      chunks.push(chunk)
    }
  } catch (error) {
    throw Object.assign(error as Error, { $metadata: { httpStatusCode: status } })
  }
  return { status, headers, body: Buffer.concat(chunks).toString() }
}
