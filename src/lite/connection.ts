import type { Agent, IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import { closeIdleSockets } from '../core/loads/idle-sockets.js'
import { untilAborted } from '../core/time/until-aborted.js'

/** An answer as it came. */
export interface HttpAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** What is sent, and until when it is waited for. */
interface HttpRequest {
  method: 'GET' | 'POST'
  headers: OutgoingHttpHeaders
  body?: string
  signal: AbortSignal
  /** Whether no idle connection is used. */
  newConnection?: boolean | undefined
}

/** Requests to one URL, over connections that are kept open between them. An idle one keeps no process alive. */
export interface Connection {
  /** Resolves with whatever is answered. An error of an answer that had begun carries its HTTP status, as `$metadata`. */
  send(request: HttpRequest): Promise<HttpAnswer>
  /** Ends all connections, also those that wait for an answer, and the requests that wait for one. */
  close(): void
}

type Web = Pick<typeof import('node:http'), 'request'> & {
  Agent: new (options: { keepAlive: boolean; maxSockets: number }) => Agent
}

/** Twice what twenty of the longest secrets can take, every character of them escaped. */
const longestAnswer = 16 * 1024 * 1024

/** As many as the SDK opens at once. What is more waits for its turn. */
const maxSockets = 50

/** Connects with the first request. */
export function connectTo(url: URL): Connection {
  let agent: Agent | undefined
  return {
    async send({ body, newConnection, ...options }) {
      // TLS is loaded only for what needs it. An import() would first load Node's loader of ES modules, also from CommonJS.
      const { Agent, request } = process.getBuiltinModule(url.protocol === 'https:' ? 'node:https' : 'node:http') as Web
      if (newConnection) closeIdleSockets(agent)
      agent ??= new Agent({ keepAlive: true, maxSockets })
      const answer = new Promise<HttpAnswer>((resolve, reject) => {
        request(url, { ...options, agent }, incoming => read(incoming).then(resolve, reject))
          // Without a listener, Node closes the connection and says nothing of it.
          .on('upgrade', ({ headers }, socket) => {
            socket.destroy()
            resolve({ status: 101, headers, body: '' })
          })
          .on('error', reject)
          .end(body)
      })
      // Node tells one that waits for its turn of the abort only when that has come.
      return untilAborted(answer, options.signal)
    },
    close() {
      if (agent === undefined) return
      const waiting = Object.values(agent.requests).flat()
      // Without this, Node would open new connections for those that wait for their turn.
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
