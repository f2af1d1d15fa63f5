import { expect, it } from 'vitest'
import { type RecoveredEvent, SecretCache } from '../../src/index.js'
import { clock, fake, useFake } from '../support/fake-cache.js'
import { rejectionOf } from '../support/rejection.js'

const id = 'prod/db'

useFake({ [id]: 'one' })

function listened(): { cache: SecretCache; recovered: RecoveredEvent[] } {
  const cache = new SecretCache({ source: fake.source(), clock, ttlMs: 60_000, ttlJitter: 0 })
  const recovered: RecoveredEvent[] = []
  cache.on('recovered', event => recovered.push(event))
  return { cache, recovered }
}

async function fail(cache: SecretCache, error = 'InternalServiceError'): Promise<void> {
  fake.inject({ error, times: 1 })
  await rejectionOf(cache.refreshNow(id))
}

it('an incident ends once, with the time since its first error', async () => {
  const { cache, recovered } = listened()
  const { arn } = await cache.getSecret(id)
  await fail(cache)
  await clock.advance(5_000)
  await fail(cache)
  await clock.advance(2_000)
  await cache.refreshNow(id)
  await cache.refreshNow(id)
  expect(recovered).toEqual([{ type: 'recovered', secretId: id, arn, name: id, versionStage: 'AWSCURRENT', failingMs: 7_000 }])
})

it('loads that never failed recover from nothing', async () => {
  const { cache, recovered } = listened()
  await cache.getSecretString(id)
  await cache.refreshNow(id)
  expect(recovered).toEqual([])
})

it('a secret that had never loaded recovers too', async () => {
  const { cache, recovered } = listened()
  await fail(cache, 'AccessDeniedException')
  await cache.refreshNow(id)
  expect(recovered).toMatchObject([{ secretId: id, name: id, failingMs: 0 }])
})

it('each incident has its own end', async () => {
  const { cache, recovered } = listened()
  for (const ms of [1_000, 3_000]) {
    await fail(cache)
    await clock.advance(ms)
    await cache.refreshNow(id)
  }
  expect(recovered.map(({ failingMs }) => failingMs)).toEqual([1_000, 3_000])
})
