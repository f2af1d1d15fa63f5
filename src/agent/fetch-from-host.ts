import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { SecretCacheError } from '../core/failures/errors.js'

/** One GET of something that listens on this host. */
export interface HostRequest {
  port: number
  path: string
  token: string
}

/** What it answered, whatever that was. */
export interface HostAnswer {
  status: number
  body: string
}

/** The largest secret has 65,536 bytes; JSON makes at most six of each. */
const mostBytes = 1024 * 1024

/**
 * Sends one request on a connection of its own: the agent ends idle ones without a word.
 *
 * Not by `fetch`, which may be told by the environment to send everything through a proxy.
 */
export async function fetchFromHost({ port, path, token }: HostRequest, signal: AbortSignal): Promise<HostAnswer> {
  const headers = { 'X-Aws-Parameters-Secrets-Token': token }
  // The signal also sees to it that an error after the answer has begun does not go unheard.
  const request = get({ host: '127.0.0.1', port, path, headers, agent: false, signal })
  // Of an answer that switches to another protocol Node tells only whoever listens for it.
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
