import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { isSecretCacheError } from '../../core/failures/errors.js'
import type { FakeService } from '../fake-service.js'
import { isConnectionReset } from '../fault-error.js'
import { ServiceError } from '../service-error.js'
import { breakAnswer, type RawAnswer } from './broken-answers.js'
import { inputFromWire, toWire } from './wire.js'

/** A fake that listens on the loopback interface. */
export interface FakeServer extends AsyncDisposable {
  /** The `endpoint` for clients, such as `http://127.0.0.1:49152`. */
  readonly endpoint: string
  /** Stops listening and closes every connection, including those that wait for a response. */
  close(): Promise<void>
}

const contentType = 'application/x-amz-json-1.1'
const mostBodyBytes = 1024 * 1024

/** Serves the fake with the protocol AWS JSON 1.1. */
export async function listen<Operation extends string>(
  service: FakeService<Operation>,
  region: string,
  port: number,
): Promise<FakeServer> {
  const server = createServer((request, response) => {
    // There is no promise to reject here: if a response fails, the connection is closed.
    answer(service, region, request, response).catch(() => request.socket.destroy())
  })
  // Without these, a test that fails before it closes the fake would not end.
  server.on('connection', socket => socket.unref())
  server.unref()
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const close = (): Promise<void> =>
    new Promise(resolve => {
      // On a server that is already closed, the callback receives an error, which does not matter.
      server.close(() => resolve())
      server.closeAllConnections()
    })
  const { port: boundPort } = server.address() as AddressInfo
  return { endpoint: `http://127.0.0.1:${boundPort}`, close, [Symbol.asyncDispose]: close }
}

async function answer<Operation extends string>(
  fake: FakeService<Operation>,
  region: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { signingName, targetPrefix } = fake.service
  const gone = new AbortController()
  response.once('close', () => gone.abort(new Error('The client closed the connection.')))
  try {
    const body = await read(request)
    checkOrigin(request)
    checkSigned(request, region, signingName)
    const options = { signal: gone.signal, fromWire: true }
    const { output, broken } = await fake.serve(operationOf(request, targetPrefix), inputFromWire(body), options)
    const good: RawAnswer = { status: 200, contentType, body: JSON.stringify(toWire(output)) }
    send(response, broken === undefined ? good : breakAnswer(broken, output))
  } catch (error) {
    if (isConnectionReset(error)) request.socket.resetAndDestroy()
    else send(response, errorAnswer(error))
  }
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length
    // Keeps reading: a client that is still sending would not see the response.
    if (length <= mostBodyBytes) chunks.push(chunk)
  }
  if (length > mostBodyBytes) throw new ServiceError('RequestEntityTooLargeException', 'The request is too large.', 413)
  return Buffer.concat(chunks).toString()
}

function operationOf(request: IncomingMessage, targetPrefix: string): string {
  const target = request.headers['x-amz-target']
  if (request.method !== 'POST' || typeof target !== 'string' || !target.startsWith(targetPrefix)) {
    throw new ServiceError('UnknownOperationException', `Send POST with the header X-Amz-Target: ${targetPrefix}<operation>.`)
  }
  return target.slice(targetPrefix.length)
}

const ofThisHost = /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/

/** A website may reach this host by a name of its own. It must not read what somebody develops with. */
function checkOrigin({ headers: { origin } }: IncomingMessage): void {
  if (origin === undefined || ofThisHost.test(origin)) return
  throw new ServiceError('AccessDeniedException', 'The fake answers no pages of other hosts.', 403)
}

/** Checks the form and the scope of the signature, but not the key. */
function checkSigned({ headers }: IncomingMessage, region: string, signingName: string): void {
  const { authorization } = headers
  if (authorization === undefined) throw new ServiceError('MissingAuthenticationTokenException', 'Missing Authentication Token')
  const scope = /^AWS4-HMAC-SHA256 Credential=[^/,]+\/\d{8}\/([a-z0-9-]+)\/([a-z]+)\/aws4_request, ?SignedHeaders=/.exec(
    authorization,
  )
  const [, signedRegion, signedService] = scope ?? []
  if (signedRegion === region && signedService === signingName) return
  throw new ServiceError(
    'InvalidSignatureException',
    `Credential should be scoped to a valid region: ${region}, service ${signingName}.`,
  )
}

function errorAnswer(error: unknown): RawAnswer {
  const { name, message, status } = describe(error)
  const words = message === '' ? {} : { Message: message, message }
  return { status, contentType, body: JSON.stringify({ __type: name, ...words }) }
}

function describe(error: unknown): { name: string; message: string; status: number } {
  if (error instanceof ServiceError) return { name: error.name, message: error.message, status: error.$metadata.httpStatusCode }
  if (!isSecretCacheError(error)) return { name: 'InternalFailure', message: 'The fake failed.', status: 500 }
  return { name: 'UnknownOperationException', message: `${error.code}: ${error.message}`, status: 400 }
}

function send(response: ServerResponse, { status, contentType: type, body, cut }: RawAnswer): void {
  const bytes = Buffer.from(body)
  response.writeHead(status, { 'content-type': type, 'content-length': bytes.length, 'x-amzn-requestid': randomUUID() })
  if (!cut) {
    response.end(bytes)
    return
  }
  response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => response.destroy())
}
