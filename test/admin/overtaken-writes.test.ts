import { beforeEach, describe, expect, it } from 'vitest'
import { putSecretValue } from '../../src/admin/index.js'
import { type RotatedEvent, SecretCache } from '../../src/index.js'
import { FakeSecretsManager, ManualClock } from '../../src/testing/index.js'

const id = 'prod/db'

let clock: ManualClock
let fake: FakeSecretsManager
let cache: SecretCache
let rotated: RotatedEvent[]
/** How long the next answers of an operation are on their way. */
let delayMs: Record<string, number>

beforeEach(async () => {
  clock = new ManualClock()
  fake = new FakeSecretsManager({ secrets: { [id]: 'one' }, clock })
  const client = fake.client()
  delayMs = {}
  cache = new SecretCache({
    clock,
    ttlJitter: 0,
    client: {
      async send(command: { constructor: { name: string } }, ...rest: unknown[]) {
        const answer: unknown = await Reflect.apply(client.send, client, [command, ...rest])
        const operation = command.constructor.name.replace(/Command$/, '')
        const ms = delayMs[operation]
        delete delayMs[operation]
        if (ms !== undefined) await new Promise<void>(resolve => clock.setTimeout(resolve, ms))
        return answer
      },
    },
  })
  rotated = []
  cache.on('rotated', event => rotated.push(event))
  await cache.getSecretString(id)
  await clock.advance(60_000)
})

describe('a write', () => {
  it.each(['a refresh', 'an event'])('that another writer has overtaken, as %s shows, turns nothing back', async way => {
    delayMs = { PutSecretValue: 500 }
    const written = putSecretValue(cache, id, 'two')
    await clock.advance(100)
    const event = fake.rotate(id, 'three')
    if (way === 'an event') await cache.handleRotationEvent(event)
    else await cache.refreshNow(id)
    expect(cache.peek(id)?.text()).toBe('three')
    await clock.advance(500)
    expect((await written).text()).toBe('two')
    expect(cache.peek(id)?.text()).toBe('three')
    await clock.advance(10_000)
    expect(await cache.getSecretString(id)).toBe('three')
    expect(rotated).toHaveLength(1)
  })

  it.each(['ServiceUnavailable', 'ThrottlingException'])(
    'that may have been overtaken is in doubt while %s does not let the cache see',
    async error => {
      delayMs = { PutSecretValue: 600 }
      const written = putSecretValue(cache, id, 'two')
      await clock.advance(100)
      await cache.handleRotationEvent(fake.rotate(id, 'three'))
      fake.inject({ operation: 'GetSecretValue', error })
      await clock.advance(600)
      expect((await written).text()).toBe('two')
      expect(await cache.getSecretString(id)).toBe('two')
      fake.recover()
      await clock.advance(60_000)
      await cache.getSecretString(id)
      await clock.advance(100)
      expect(await cache.getSecretString(id)).toBe('three')
      expect(rotated.at(-1)?.versionId).toBe(cache.peek(id)?.versionId)
    },
  )

  it('into a cache that knew nothing is what readers get, though a read meanwhile has brought the version before', async () => {
    const client = fake.client()
    const late = {
      async send(command: { constructor: { name: string } }, ...rest: unknown[]) {
        if (command.constructor.name === 'PutSecretValueCommand')
          await new Promise<void>(resolve => clock.setTimeout(resolve, 600))
        return Reflect.apply(client.send, client, [command, ...rest])
      },
    }
    const cold = new SecretCache({ clock, client: late })
    const written = putSecretValue(cold, id, 'two')
    const read = cold.getSecretString(id)
    await clock.advance(100)
    expect(await read).toBe('one')
    fake.inject({ operation: 'GetSecretValue', error: 'ServiceUnavailable' })
    await clock.advance(10_000)
    expect((await written).text()).toBe('two')
    for (const _ of [1, 2, 3]) {
      expect(await cold.getSecretString(id)).toBe('two')
      await clock.advance(20_000)
    }
  })

  it('is not taken back by the load of an event that was decided before it', async () => {
    const event = fake.rotate(id, 'two')
    delayMs = { GetSecretValue: 500 }
    const handled = cache.handleRotationEvent(event)
    await clock.advance(100)
    await putSecretValue(cache, id, 'three')
    expect(cache.peek(id)?.text()).toBe('three')
    await clock.advance(10_000)
    await handled
    expect(cache.peek(id)?.text()).toBe('three')
  })

  it('whose labels cannot be read afterwards is taken, and the service asked', async () => {
    delayMs = { PutSecretValue: 500 }
    const written = putSecretValue(cache, id, 'two')
    await clock.advance(100)
    cache.invalidate(id)
    fake.inject({ operation: 'GetSecretValue', error: 'AccessDeniedException' })
    await clock.advance(500)
    expect((await written).text()).toBe('two')
    expect(cache.peek(id)?.text()).toBe('two')
  })
})

it('a write whose answer waited in a paused process is as old as its request', async () => {
  const written = putSecretValue(cache, id, 'two')
  clock.set(clock.now() + 3_600_000)
  await written
  expect(cache.peek(id)?.ageMs).toBeGreaterThanOrEqual(3_600_000)
})

it('an answer that was asked for before a write was done is no newer version, though the write was overtaken since', async () => {
  const client = fake.client()
  const sleep = (ms: number) => new Promise<void>(resolve => clock.setTimeout(resolve, ms))
  let reads = 0
  const cold = new SecretCache({
    clock,
    ttlJitter: 0,
    client: {
      async send(command: { constructor: { name: string } }, ...rest: unknown[]) {
        const isWrite = command.constructor.name === 'PutSecretValueCommand'
        if (isWrite) await sleep(50)
        else reads += 1
        const isFirst = reads === 1 && !isWrite
        const answer: unknown = await Reflect.apply(client.send, client, [command, ...rest])
        await sleep(isFirst ? 2_000 : 50)
        return answer
      },
    },
  })
  const moves: string[] = []
  cold.on('rotated', ({ versionId }) => moves.push(versionId))
  const written = putSecretValue(cold, id, 'two')
  const read = cold.getSecretString(id)
  await clock.advance(1_000)
  expect((await written).text()).toBe('two')
  expect(cold.peek(id)?.text()).toBe('two')
  const three = fake.put(id, 'three').versionId
  await clock.advance(10_000)
  expect(await read).toBe('three')
  expect(cold.peek(id)?.text()).toBe('three')
  expect(moves).toEqual([three])
})
