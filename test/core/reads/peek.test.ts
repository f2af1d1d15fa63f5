import { beforeEach, describe, expect, it } from 'vitest'
import { SecretCache } from '../../../src/index.js'
import type { FakeVersion } from '../../../src/testing/index.js'
import { clock, fake, useFake } from '../../support/fake-cache.js'

const id = 'prod/db'
const previous = { versionStage: 'AWSPREVIOUS' }

let secret: FakeVersion
let cache: SecretCache

useFake()

beforeEach(() => {
  secret = fake.create(id, { password: 'zero' })
  fake.rotate(id, { password: 'one' })
  cache = new SecretCache({ source: fake.source(), clock, ttlJitter: 0 })
})

function forms(): string[] {
  return [id, secret.arn, secret.arn.slice(0, -7)]
}

describe('after invalidate(), until a new load has succeeded', () => {
  it.each([0, 1, 2])('peek shows nothing, by whatever form of the id (%i)', async form => {
    await cache.getSecretString(id)
    cache.invalidate(forms()[form] ?? '')
    for (const other of forms()) expect(cache.peek(other)).toBeUndefined()
    fake.rotate(id, { password: 'two' })
    await cache.getSecretString(id)
    for (const other of forms()) expect(cache.peek(other)?.json()).toEqual({ password: 'two' })
  })

  it('peek shows nothing of other stages and versions either', async () => {
    const { versionId } = await cache.getSecret(id)
    await cache.getSecret(id, previous)
    await cache.getSecret(id, { versionId })
    cache.invalidate(id)
    for (const options of [previous, { versionId }, {}]) expect(cache.peek(id, options)).toBeUndefined()
  })

  it('a handle has no current value', async () => {
    const handle = cache.handle(id)
    await handle.get()
    cache.invalidate(id)
    expect(handle.current).toBeUndefined()
    await handle.get()
    expect(handle.current).toEqual({ password: 'one' })
  })

  it('peek shows nothing while that load is under way', async () => {
    await cache.getSecretString(id)
    fake.inject({ delayMs: 100 })
    cache.invalidate(id)
    const read = cache.getSecretString(id)
    await clock.advance(50)
    expect(cache.peek(id)).toBeUndefined()
    await clock.advance(100)
    await read
    expect(cache.peek(id)).toBeDefined()
  })
})

it('after a secret was invalidated past its TTL, peek shows nothing', async () => {
  await cache.getSecretString(id)
  await clock.advance(310_000)
  expect(cache.peek(id)?.stale).toBe(true)
  cache.invalidate(id)
  expect(cache.peek(id)).toBeUndefined()
})
