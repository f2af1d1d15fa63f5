import { expect, it } from 'vitest'
import { SecretCache } from '../../../src/index.js'
import { FakeSecretsManager, ManualClock } from '../../../src/testing/index.js'

const id = 'prod/db'

it('two loads by two ids that are told different things side by side turn nothing back', async () => {
  const clock = new ManualClock()
  const fake = new FakeSecretsManager({ clock })
  const { arn } = fake.create(id, 'one')
  const source = fake.source()
  let calls = 0
  const cache = new SecretCache({
    clock,
    ttlJitter: 0,
    source: {
      // The first is decided late; the second is decided early and delivered late.
      async get(request, options) {
        calls += 1
        const number = calls
        if (number === 1) await new Promise<void>(resolve => clock.setTimeout(resolve, 100))
        const value = await source.get(request, options)
        if (number === 2) await new Promise<void>(resolve => clock.setTimeout(resolve, 300))
        return value
      },
    },
  })
  const rotated: string[] = []
  cache.on('rotated', ({ versionId }) => rotated.push(versionId))
  const reads = [cache.getSecretString(arn), cache.getSecretString(id)]
  await clock.advance(40)
  fake.rotate(id, 'two')
  await clock.advance(5_000)
  expect((await Promise.all(reads))[0]).toBe('two')
  expect(cache.peek(id)?.text()).toBe('two')
  expect(rotated).toEqual([])
})

it('a handle that is made by name before the account is known hears of what the ARN has shown', async () => {
  const clock = new ManualClock()
  const fake = new FakeSecretsManager({ clock })
  const { arn } = fake.create(id, 'one')
  fake.create('other', 'one')
  const cache = new SecretCache({ source: fake.source(), clock, ttlJitter: 0 })
  const heard: string[] = []
  cache.handle(id).on('rotated', ({ versionId }) => heard.push(versionId))
  await cache.getSecretString(arn)
  await cache.getSecretString('other')
  fake.rotate(id, 'two')
  const { versionId } = await cache.refreshNow(arn)
  expect(heard).toEqual([versionId])
  fake.rotate(id, 'three')
  cache.invalidate(id)
  expect(await cache.getSecretString(arn)).toBe('three')
})
