import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FakeSecretsManager, type FakeServer } from '../../src/testing/index.js'
import { type LambdaFunction, startFunction } from '../support/lambda-function.js'
import { type QueueServer, startQueueServer } from '../support/queue-server.js'

const id = 'prod/key'

vi.setConfig({ testTimeout: 20_000 })

let fake: FakeSecretsManager
let server: FakeServer
let queue: QueueServer
let lambda: LambdaFunction

/** The client of SQS calls the host in it. */
const queueUrl = (): string => `${queue.endpoint}/111122223333/rotations`

/** Starts a function on a Managed Instance: each of its worker threads has a cache of its own. */
async function start(handler: string, { workers = 1, options = {} }: { workers?: number; options?: object } = {}): Promise<void> {
  lambda = await startFunction(
    `import { threadId } from 'node:worker_threads'
     import { createLambdaCache, listenInOneWorker, withSecrets } from 'awscurrent/lambda'
     import { listenToQueue } from 'awscurrent/sqs'
     const id = '${id}'
     const queueUrl = '${queueUrl()}'
     const secrets = createLambdaCache(${JSON.stringify({ secrets: [id], ...options })})
     const handler = ${handler}`,
    {
      AWS_REGION: fake.region,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: server.endpoint,
      AWS_ACCESS_KEY_ID: 'nobody',
      AWS_SECRET_ACCESS_KEY: 'nothing',
    },
    { type: 'lambda-managed-instances', workers },
  )
}

beforeEach(async () => {
  fake = new FakeSecretsManager({ secrets: { [id]: 'one', slow: 'one' } })
  server = await fake.listen()
  queue = await startQueueServer()
})

afterEach(async () => {
  await lambda[Symbol.asyncDispose]()
  await server.close()
  await queue[Symbol.asyncDispose]()
})

it('each worker thread loads each secret: eight workers make eight calls', async () => {
  await start('withSecrets(secrets, async () => [threadId, await secrets.getSecretString(id)])', { workers: 8 })
  const answers = (await Promise.all(Array.from({ length: 8 }, () => lambda.invoke()))) as [number, string][]
  expect(new Set(answers.map(([thread]) => thread)).size).toBe(8)
  expect(answers.map(([, value]) => value)).toEqual(Array(8).fill('one'))
  expect(fake.count()).toBe(8)
})

it('an invocation whose load hangs holds up no other one in its worker', async () => {
  await start('withSecrets(secrets, ({ read }) => secrets.getSecretString(read))')
  expect(await lambda.invoke({ read: id })).toBe('one')
  fake.inject({ secretId: 'slow', hang: true, times: 1 })
  const held = lambda.invoke({ read: 'slow' })
  await vi.waitFor(() => expect(fake.count()).toBe(2))
  expect(await lambda.invoke({ read: id })).toBe('one')
  await expect(held).rejects.toThrow(/slow/)
})

it('a stale value is served at once, while its load runs on after the invocation', async () => {
  await start('withSecrets(secrets, () => secrets.getSecretString(id))', { options: { ttlMs: 200, ttlJitter: 0 } })
  expect(await lambda.invoke()).toBe('one')
  fake.rotate(id, 'two')
  await new Promise(resolve => setTimeout(resolve, 300))
  fake.inject({ secretId: id, delayMs: 200, times: 1 })
  expect(await lambda.invoke()).toBe('one')
  await vi.waitFor(async () => expect(await lambda.invoke()).toBe('two'), { timeout: 5_000 })
})

it('a queue is listened to all the time: overlapping invocations see the rotation', async () => {
  queue.queues.add(queueUrl())
  await start(
    `withSecrets(secrets, async ({ until }) => {
      globalThis.listener ??= await listenToQueue(secrets, { queueUrl })
      while (secrets.peek(id)?.text() !== until) await new Promise(resolve => setTimeout(resolve, 10))
      return secrets.getSecretString(id)
    })`,
  )
  expect(await lambda.invoke({ until: 'one' })).toBe('one')
  const waiting = [lambda.invoke({ until: 'two' }), lambda.invoke({ until: 'two' })]
  queue.queues.put(queueUrl(), JSON.stringify(fake.rotate(id, 'two')))
  expect(await Promise.all(waiting)).toEqual(['two', 'two'])
})

describe('a listener that the workers share', () => {
  const workers = 4

  /** Rotates the secret, and resolves when every worker that is left has the new value. */
  async function rotateAndRead(value: string, left: number): Promise<void> {
    queue.queues.put(queueUrl(), JSON.stringify(fake.rotate(id, value)))
    await vi.waitFor(
      async () => {
        const answers = await Promise.all(Array.from({ length: left }, () => lambda.invoke()))
        expect(answers).toEqual(Array(left).fill(value))
      },
      { timeout: 10_000 },
    )
  }

  beforeEach(async () => {
    queue.queues.add(queueUrl())
    await start(
      `withSecrets(secrets, ({ crash }) => {
        if (crash && part.isListening) setImmediate(() => { throw new Error('crashed') })
        return secrets.getSecretString(id)
      })
      const part = await listenInOneWorker(secrets, { listen: target => listenToQueue(target, { queueUrl }) })`,
      { workers },
    )
  })

  it('polls once for all of them, and all hear of a rotation', async () => {
    await vi.waitFor(() => expect(queue.queues.polls).toBe(1))
    await rotateAndRead('two', workers)
    await vi.waitFor(() => expect([queue.queues.countOf('DeleteMessageBatch'), queue.queues.polls]).toEqual([1, 1]))
  })

  it('is taken over when the worker that has it crashes', async () => {
    await vi.waitFor(() => expect(queue.queues.polls).toBe(1))
    // One of them gets no answer.
    for (let worker = 0; worker < workers; worker += 1) void lambda.invoke({ crash: true })
    await vi.waitFor(() => expect(queue.queues.countOf('ReceiveMessage')).toBe(2), { timeout: 10_000 })
    await rotateAndRead('two', workers - 1)
  })
})
