import { type Job, Queue, Worker } from 'bullmq'
import { Redis } from 'ioredis'
import { expect, it, onTestFinished } from 'vitest'
import { attachClient } from '../../../src/ioredis/index.js'
import { eventually } from '../../support/pool-scene.js'
import { useTestDatabase } from './database.js'
import { issueRedisTokens } from './tokens.js'

const database = useTestDatabase()

it('BullMQ works on every job, and fails none, while tokens are renewed and connections are lost', async () => {
  const tokens = await issueRedisTokens(database)
  const { host, port } = database.server
  const redis = new Redis({ host, port, maxRetriesPerRequest: null, retryStrategy: () => 20 })
  const connection = attachClient(redis, { credentials: tokens.source })
  const shared = { connection, prefix: tokens.username }
  const queue = new Queue('jobs', shared)
  const worked: string[] = []
  const failed: unknown[] = []
  // What a lost connection has left half done is found soon.
  const patience = { lockDuration: 1_000, stalledInterval: 500, maxStalledCount: 100 }
  const worker = new Worker('jobs', async ({ name }: Job) => void worked.push(name), {
    ...shared,
    ...patience,
    concurrency: 4,
    drainDelay: 0.2,
  })
  const errors: unknown[] = []
  const told = (error: unknown): void => void errors.push(error)
  redis.on('error', told)
  queue.on('error', told)
  worker.on('error', told)
  worker.on('failed', (_, error) => failed.push(error))
  onTestFinished(async () => {
    await worker.close()
    await queue.close()
    redis.disconnect()
  })
  const added: string[] = []
  const add = async (): Promise<void> => {
    for (let count = 0; count < 10; count += 1) {
      const name = `job-${added.length}`
      added.push(name)
      await queue.add(name, {}, { jobId: name })
    }
    await eventually(() => expect(new Set(worked)).toEqual(new Set(added)))
  }
  await add()
  for (let turn = 1; turn <= 3; turn += 1) {
    await tokens.renew()
    await add()
    await database.kill(tokens.username)
    await add()
  }
  expect(failed).toEqual([])
  expect(errors.filter(error => /WRONGPASS|NOAUTH/.test(String(error)))).toEqual([])
  expect([tokens.issued.length, tokens.rejected]).toEqual([4, []])
})
