import { beforeEach, expect, it } from 'vitest'
import { SecretCache } from '../../../src/index.js'
import { FakeSecretsManager, type FakeVersion, ManualClock } from '../../../src/testing/index.js'

const id = 'prod/db'

let clock: ManualClock
let own: FakeSecretsManager
let foreign: FakeSecretsManager
let shared: FakeVersion
let cache: SecretCache

beforeEach(() => {
  clock = new ManualClock()
  own = new FakeSecretsManager({ secrets: { [id]: 'own', other: 'other' }, clock })
  foreign = new FakeSecretsManager({ accountId: '999999999999', clock })
  shared = foreign.create(id, 'shared')
  const [ownSource, foreignSource] = [own.source(), foreign.source()]
  cache = new SecretCache({
    clock,
    source: { get: (request, how) => (/:999999999999:/.test(request.secretId) ? foreignSource : ownSource).get(request, how) },
  })
})

it('an event of another account is not about the plain name that is being read', async () => {
  await cache.getSecretString('other')
  const read = cache.getSecretString(id)
  const [result] = await cache.handleRotationEvent(foreign.rotate(id))
  expect([result?.outcome, await read]).toEqual(['ignored', 'own'])
  expect(own.count()).toBe(2)
})

it('an event is about the partial ARN that is being read, and not about the name that may be of any account', async () => {
  const partialArn = shared.arn.slice(0, -7)
  const reads = [cache.getSecretString(id), cache.getSecretString(partialArn)]
  const results = await cache.handleRotationEvent(foreign.rotate(id, 'two'))
  expect(results).toMatchObject([{ outcome: 'refreshed', secretId: partialArn }])
  await Promise.all(reads)
  expect(cache.peek(partialArn)?.text()).toBe('two')
  expect(own.count()).toBe(1)
})
