import { type Job, Queue, QueueEvents, Worker } from 'bullmq'
import { Redis } from 'ioredis'
import { expect, it, onTestFinished } from 'vitest'
import { SecretCache } from '../../../src/index.js'
import { attachClient } from '../../../src/ioredis/index.js'
import { eventually } from '../../support/pool-scene.js'
import { rotating } from '../../support/rotating.js'
import { useTestDatabase } from './database.js'

const database = useTestDatabase()

/** A queue, a worker and a listener of BullMQ on one client that follows a secret. */
async function openQueue() {
  const user = await database.makeUser()
  const rotation = rotating({ redis: { ...user } }, { engine: database.engine() })
  const cache = new SecretCache({ client: rotation.fake.client(), ttlJitter: 0 })
  const { host, port } = database.server
  const redis = new Redis({ host, port, maxRetriesPerRequest: null, retryStrategy: () => 20 })
  const connection = attachClient(redis, { cache, secretId: 'redis' })
  const errors: unknown[] = []
  const told = (error: unknown): void => void errors.push(error)
  redis.on('error', told)

  const shared = { connection, prefix: user.username }
  const queue = new Queue('jobs', shared)
  /** How often each job was worked on. */
  const worked = new Map<string, number>()
  const work = async ({ name }: Job): Promise<void> => void worked.set(name, (worked.get(name) ?? 0) + 1)
  // What a lost connection has left half done is found soon, as often as it takes.
  const patience = { lockDuration: 1_000, stalledInterval: 500, maxStalledCount: 100 }
  const worker = new Worker('jobs', work, { ...shared, ...patience, concurrency: 4, drainDelay: 0.2 })
  // From the beginning of the stream: `$`, BullMQ's default, is wherever the stream has come to by the first answer.
  const heard = new QueueEvents('jobs', { ...shared, blockingTimeout: 200, lastEventId: '0-0' })
  const failed: unknown[] = []
  worker.on('failed', (_, error) => failed.push(error))
  const completed = new Set<string>()
  heard.on('completed', ({ jobId }) => completed.add(jobId))
  queue.on('error', told)
  worker.on('error', told)
  heard.on('error', told)
  await heard.waitUntilReady()

  onTestFinished(async () => {
    await worker.close()
    await heard.close()
    await queue.close()
    redis.disconnect()
    await cache.close()
  })
  return { user, rotation, cache, queue, worked, completed, failed, errors }
}

/** Adds jobs, one by one, until told to stop; resolves with their names. */
function keepAdding(queue: Queue): { readonly added: readonly string[]; stop(): Promise<readonly string[]> } {
  const added: string[] = []
  let over = false
  const adding = (async () => {
    while (!over) {
      const name = `job-${added.length}`
      // BullMQ takes no job twice: an addition that is sent again after a lost connection is none.
      await queue.add(name, {}, { jobId: name })
      added.push(name)
    }
  })()
  const stop = async (): Promise<readonly string[]> => {
    over = true
    await adding
    return added
  }
  return { added, stop }
}

/** The connections of users: their numbers and names. */
async function connectionsOf(...usernames: string[]): Promise<{ id: string; user: string }[]> {
  const list = String(await database.admin.sendCommand(['CLIENT', 'LIST']))
  const all = list
    .split('\n')
    .map(line => ({ id: / ?id=(\d+)/.exec(line)?.[1] ?? '', user: / user=(\S+)/.exec(line)?.[1] ?? '' }))
  return all.filter(({ user }) => usernames.includes(user))
}

it('queue, worker and events go over to another user on the connections that they have, and each job runs once', async () => {
  const { user, rotation, cache, queue, worked, completed, failed, errors } = await openQueue()
  const jobs = keepAdding(queue)
  await eventually(() => expect(worked.size).toBeGreaterThan(20))
  const before = await connectionsOf(user.username)
  expect(before.length).toBeGreaterThanOrEqual(3)

  const clone = { username: `${user.username}_clone`, password: 'another' }
  await database.setPassword(clone)
  await cache.handleRotationEvent(rotation.fake.rotate('redis', { ...clone }))
  const moved = before.map(({ id }) => ({ id, user: clone.username }))
  await eventually(async () => expect(await connectionsOf(user.username, clone.username)).toEqual(moved))

  const seen = worked.size
  await eventually(() => expect(worked.size).toBeGreaterThan(seen + 20))
  const added = await jobs.stop()
  await eventually(() => expect([worked.size, completed.size]).toEqual([added.length, added.length]))
  expect(worked).toEqual(new Map(added.map(name => [name, 1])))
  expect([failed, errors]).toEqual([[], []])
})

it.each([
  ['announced', true],
  ['not announced', false],
])('no job is lost or fails in rotations that are %s, after each of which all connections are lost', async (_, isAnnounced) => {
  const { user, rotation, cache, queue, worked, completed, failed, errors } = await openQueue()
  if (isAnnounced) onTestFinished(rotation.fake.onEvent(event => void cache.handleRotationEvent(event)))
  const jobs = keepAdding(queue)
  for (let turn = 1; turn <= 3; turn += 1) {
    const seen = worked.size
    await eventually(() => expect(worked.size).toBeGreaterThan(seen + 20))
    await rotation.rotate('redis')
    await database.kill(user.username)
  }
  const seen = worked.size
  await eventually(() => expect(worked.size).toBeGreaterThan(seen + 20))
  const added = await jobs.stop()
  await eventually(() => expect([worked.size, completed.size]).toEqual([added.length, added.length]))
  expect([failed, errors.filter(error => /WRONGPASS|NOAUTH/.test(String(error)))]).toEqual([[], []])
})
