// What the worker threads of a Lambda Managed Instance multiply: calls and connections of eight workers, with a listener each and with one.
import { channel } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { FakeSecretsManager } from 'awscurrent/testing'
import { showFigure, showTable } from './support/report.mjs'
import { importSource } from './support/source.mjs'

const { startQueueServer } = await importSource('test/support/queue-server.ts')
const secretIds = ['prod/db', 'prod/api-key']
const ttlMs = 2_000
const measuredTtls = 5
/** After it starts to listen, a cache reads its secrets again, spread over a second. */
const settledMs = 2_500

/** The connections of clients, by the port of the server. */
const connections = new Map()
channel('http.server.request.start').subscribe(({ server, socket }) => {
  const { port } = server.address()
  connections.set(port, (connections.get(port) ?? new Set()).add(socket))
})
const connectionsTo = endpoint => connections.get(Number(new URL(endpoint).port))?.size ?? 0

async function readAll(workers) {
  return Promise.all(
    workers.map(async worker => {
      const answer = once(worker, 'message')
      worker.postMessage('read')
      return (await answer)[0]
    }),
  )
}

/** Calls and connections of one process. */
async function measure({ count, isShared }) {
  const fake = new FakeSecretsManager({ secrets: Object.fromEntries(secretIds.map(secretId => [secretId, 'first'])) })
  const server = await fake.listen()
  const queue = await startQueueServer()
  const queueUrls = Array.from({ length: isShared ? 1 : count }, (_, n) => `${queue.endpoint}/111122223333/rotations-${n}`)
  for (const queueUrl of queueUrls) queue.queues.add(queueUrl)
  const credentials = { AWS_ACCESS_KEY_ID: 'bench', AWS_SECRET_ACCESS_KEY: 'bench', AWS_REGION: fake.region }
  const env = {
    ...credentials,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: server.endpoint,
    AWS_LAMBDA_INITIALIZATION_TYPE: 'lambda-managed-instances',
  }
  const workers = Array.from({ length: count }, (_, n) => {
    const workerData = { secretIds, ttlMs, isShared, queueUrl: queueUrls[n % queueUrls.length] }
    return new Worker(new URL('support/instance-worker.mjs', import.meta.url), { env, workerData, stderr: true })
  })
  await Promise.all(workers.map(worker => once(worker, 'message')))
  await sleep(settledMs)
  const atStart = fake.count()

  fake.resetCalls()
  for (let passedMs = 0; passedMs < measuredTtls * ttlMs; passedMs += 100) {
    await readAll(workers)
    await sleep(100)
  }
  const perTtl = fake.count() / measuredTtls

  const event = JSON.stringify(fake.rotate(secretIds[0], 'second'))
  for (const queueUrl of queueUrls) queue.queues.put(queueUrl, event)
  while ((await readAll(workers)).some(([value]) => value !== 'second')) await sleep(10)
  const measured = {
    'calls at the start': atStart,
    'calls in a TTL': Math.round(perTtl),
    'connections to Secrets Manager': connectionsTo(server.endpoint),
    'queues polled': queue.queues.polls,
    'connections to SQS': connectionsTo(queue.endpoint),
  }
  await Promise.all(workers.map(worker => worker.terminate()))
  await server.close()
  await queue[Symbol.asyncDispose]()
  return measured
}

const ways = {
  'one worker': { count: 1, isShared: false },
  'eight workers, a listener each': { count: 8, isShared: false },
  'eight workers, one listener': { count: 8, isShared: true },
}
const measured = {}
for (const [what, way] of Object.entries(ways)) measured[what] = await measure(way)
showTable(
  'One process that reads two secrets and listens to rotation events',
  Object.entries(measured).map(([what, columns]) => ({ what, ...columns })),
)
const shared = measured['eight workers, one listener']
// A load lives for four fifths of the TTL at least.
showFigure('calls in a TTL, for each worker and secret', shared['calls in a TTL'] / 8 / secretIds.length, 1.25)
showFigure('polls of eight workers that share a listener', shared['queues polled'], 1)
process.exit()
