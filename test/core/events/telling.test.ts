import { beforeEach, describe, expect, it } from 'vitest'
import { type RotatedEvent, SecretCache } from '../../../src/index.js'
import { FakeSecretsManager, ManualClock } from '../../../src/testing/index.js'

const id = 'prod/db'

let fake: FakeSecretsManager
let cache: SecretCache
let heard: RotatedEvent[]

beforeEach(async () => {
  const clock = new ManualClock()
  fake = new FakeSecretsManager({ secrets: { [id]: 'one' }, clock })
  cache = new SecretCache({ client: fake.client(), clock })
  heard = []
  await cache.getSecretString(id)
})

describe('what one listener does takes the event from no other:', () => {
  it.each(['loaded', 'rotated'] as const)('delete() in `%s`', async type => {
    const rotated: RotatedEvent[] = []
    cache.on(type, () => cache.delete(id))
    cache.on('rotated', event => rotated.push(event))
    cache.handle(id).on('rotated', event => heard.push(event))
    fake.rotate(id, 'two')
    const { versionId } = await cache.refreshNow(id)
    expect(rotated).toMatchObject([{ versionId }])
    expect(heard).toMatchObject([{ versionId }])
    expect(cache.stats().rotations).toBe(1)
  })

  it('a listener that was removed by another hears nothing more', async () => {
    const handle = cache.handle(id)
    handle.on('rotated', () => remove())
    const remove = handle.on('rotated', event => heard.push(event))
    fake.rotate(id, 'two')
    await cache.refreshNow(id)
    expect(heard).toEqual([])
  })
})
