import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { FakeQueues } from './fake-queues.js'

/** Queues that any SQS client can call over HTTP. */
export interface QueueServer extends AsyncDisposable {
  readonly endpoint: string
  readonly queues: FakeQueues
}

/** Serves queues in memory by the protocol of SQS, AWS JSON 1.0, on the loopback interface. */
export async function startQueueServer(): Promise<QueueServer> {
  const queues = new FakeQueues()
  const server = createServer(async (request, response) => {
    const gone = new AbortController()
    response.once('close', () => gone.abort())
    const call = String(request.headers['x-amz-target']).split('.')[1]
    const input = (await json(request)) as Record<string, unknown>
    const command = { constructor: { name: `${call}Command` }, input }
    const answered = await queues.send(command, { abortSignal: gone.signal }).catch((error: Error) => error)
    const answer = call === 'CreateQueue' ? createdHere(input, answered) : answered
    const isFailure = answer instanceof Error
    response.writeHead(isFailure ? 400 : 200, { 'content-type': 'application/x-amz-json-1.0' })
    response.end(JSON.stringify(isFailure ? { __type: answer.name, message: answer.message } : withDigests(answer)))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  /** The SDK sends what is about a queue to the host in its URL. */
  const createdHere = (input: Record<string, unknown>, answered: unknown): unknown => {
    const { QueueUrl: url = '' } = answered as { QueueUrl?: string }
    const queue = queues.queues.get(url)
    if (queue === undefined) return answered
    const here = `${endpoint}/111122223333/${input.QueueName}`
    queues.queues.delete(url)
    queues.add(here, queue)
    return { QueueUrl: here }
  }
  return {
    queues,
    endpoint,
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
    },
  }
}

/** The SDK compares each message with its digest. */
function withDigests(answer: unknown): unknown {
  const { Messages, ...others } = answer as { Messages?: { Body?: string }[] }
  const digested = Messages?.map(message => ({ ...message, MD5OfBody: md5(message.Body ?? '') }))
  return { ...others, ...(digested && { Messages: digested }) }
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex')
}
