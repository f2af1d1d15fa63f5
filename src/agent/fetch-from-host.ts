import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { SecretCacheError } from '../core/failures/errors.js'

/** A GET request to a server on this host. */
export interface HostRequest {
  port: number
  path: string
  token: string
}

/** Its response, of any status. */
export interface HostAnswer {
  status: number
  body: string
}

/** The largest secret has 65,536 bytes; in JSON, each takes at most six. */
const mostBytes = 1024 * 1024

/**
 * Sends one request on its own connection, because the agent closes idle ones without notice.
 *
 * It does not use `fetch`, which the environment may configure to send everything through a proxy.
 */
export async function fetchFromHost({ port, path, token }: HostRequest, signal: AbortSignal): Promise<HostAnswer> {
  const headers = { 'X-Aws-Parameters-Secrets-Token': token }
  // With a signal, Node also reports an error that occurs after the response has begun.
  const request = get({ host: '127.0.0.1', port, path, headers, agent: false, signal })
  // Node reports a response that switches to another protocol only to listeners of `upgrade`.
  const switched = once(request, 'upgrade') as Promise<[IncomingMessage, Duplex]>
  const [response, otherProtocol] = await Promise.race([once(request, 'response') as Promise<[IncomingMessage]>, switched])
  if (otherProtocol !== undefined) {
    otherProtocol.destroy()
    return { status: 101, body: '' }
  }
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > mostBytes) throw tooLong()
    chunks.push(chunk)
  }
  return { status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }
}

function tooLong(): SecretCacheError {
  const cause = new RangeError(`The response has more than ${mostBytes} bytes.`)
  return new SecretCacheError({ code: 'ERR_SECRET_UNAVAILABLE', message: 'The response is too long to be a secret.', cause })
}
