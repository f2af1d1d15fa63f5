import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createSecret, putSecretValue } from '../../src/admin/index.js'
import { loadSdk } from '../../src/core/loads/sdk.js'
import type { SecretCache } from '../../src/index.js'
import { arnOf, type DeferredClient } from '../support/deferred-client.js'
import { settled } from '../support/deferred-source.js'
import { rejectionOf } from '../support/rejection.js'
import { name, newScene, type Scene } from './support.js'

let client: DeferredClient
let cache: SecretCache
let moves: string[]
let holding: Scene['holding']

// Its import takes time that no test spells out.
beforeAll(() => loadSdk())

beforeEach(() => {
  ;({ client, cache, moves, holding } = newScene())
})

describe('the other labels', () => {
  it.each([
    ['AWSPREVIOUS', 'AWSCURRENT moves', undefined],
    ['AWSPENDING', 'a write of AWSPENDING moves it', { versionStages: ['AWSPENDING'] }],
  ])('of which %s is cached alone are read again after %s', async (versionStage, _, options) => {
    const before = cache.getSecretString(name, { versionStage })
    await (await client.call(1)).answer('before')
    await before
    const written = putSecretValue(cache, name, 'v2', options)
    await (await client.call(2)).answer('v2')
    await written
    const after = cache.getSecretString(name, { versionStage })
    await (await client.call(3)).answer('after')
    expect(await after).toBe('after')
  })

  it('are read again if it is not known whether they have moved', async () => {
    const pending = { versionStage: 'AWSPENDING' }
    const before = cache.getSecretString(name, pending)
    await (await client.call(1)).answer('before')
    await before
    const failed = rejectionOf(putSecretValue(cache, name, 'v2', { versionStages: ['AWSPENDING'] }))
    await (await client.call(2)).fail()
    await failed
    const after = cache.getSecretString(name, pending)
    await (await client.call(3)).answer('after')
    expect(await after).toBe('after')
  })
})

describe('two writes at once', () => {
  it('of one secret follow each other: the service and the cache end with the later one', async () => {
    const first = putSecretValue(cache, name, 'v2')
    const second = putSecretValue(cache, name, 'v3')
    const put = await client.call(1)
    expect(client.sent).toHaveLength(1)
    await put.answer('v2')
    await (await client.call(2)).answer('v3')
    await Promise.all([first, second])
    expect([cache.peek(name)?.versionId, moves]).toEqual(['v3', ['v2→v3']])
  })

  it('of one secret follow each other by whatever form of its id', async () => {
    const forms = [name, arnOf(name).slice(0, -'-AbCdEf'.length), arnOf(name)]
    const writes = forms.map((id, index) => putSecretValue(cache, id, `v${index + 2}`))
    for (const number of [1, 2, 3]) {
      const put = await client.call(number)
      expect(client.sent).toHaveLength(number)
      await put.answer(`v${number + 1}`, { ARN: arnOf(name), Name: name })
    }
    await Promise.all(writes)
    expect(cache.peek(name)?.versionId).toBe('v4')
  })

  it('of one secret do not fail together', async () => {
    const first = rejectionOf(putSecretValue(cache, name, 'v2'))
    const second = putSecretValue(cache, name, 'v3')
    await (await client.call(1)).fail('AccessDeniedException')
    await (await client.call(2)).answer('v3')
    expect([(await first).code, (await second).versionId]).toEqual(['ERR_SECRET_ACCESS_DENIED', 'v3'])
  })

  it('of two secrets go side by side', async () => {
    const writes = [putSecretValue(cache, name, 'v2'), putSecretValue(cache, 'other', 'o2')]
    await (await client.call(2)).answer('o2')
    await (await client.call(1)).answer('v2')
    await Promise.all(writes)
    expect([cache.peek(name)?.versionId, cache.peek('other')?.versionId]).toEqual(['v2', 'o2'])
  })
})

describe('close during a write', () => {
  it('waits for it; it is carried out and nothing is kept', async () => {
    const written = putSecretValue(cache, name, 'v2')
    const put = await client.call(1)
    let isClosed = false
    const closed = cache.close().then(() => {
      isClosed = true
    })
    await settled()
    expect(isClosed).toBe(false)
    await put.answer('v2')
    await closed
    expect([(await written).versionId, cache.stats().entries]).toEqual(['v2', 0])
  })

  it('waits for one that waits for another, and for those that fail', async () => {
    const first = rejectionOf(putSecretValue(cache, name, 'v2'))
    const second = putSecretValue(cache, name, 'v3')
    const put = await client.call(1)
    const closed = cache.close()
    await put.fail('AccessDeniedException')
    await (await client.call(2)).answer('v3')
    await closed
    expect([(await first).code, (await second).versionId]).toEqual(['ERR_SECRET_ACCESS_DENIED', 'v3'])
  })
})

describe('what is told of a write', () => {
  it('is a rotation, and no load: none was made', async () => {
    await holding('v1')
    const loaded: unknown[] = []
    cache.on('loaded', event => loaded.push(event))
    const written = putSecretValue(cache, name, 'v2')
    await (await client.call(2)).answer('v2')
    await written
    expect(cache.stats()).toMatchObject({ loads: 1, failures: 0, rotations: 1, entries: 1 })
    expect([loaded, moves]).toEqual([[], ['v1→v2']])
  })

  it('is once a rotation when the same version comes by a load as well', async () => {
    await holding('v1')
    const written = putSecretValue(cache, name, 'v2')
    await (await client.call(2)).answer('v2')
    await written
    const refreshed = cache.refreshNow(name)
    await (await client.call(3)).answer('v2')
    await refreshed
    expect([moves, cache.stats().rotations]).toEqual([['v1→v2'], 1])
  })
})

it('a secret of another account that is written by its ARN is not what its name leads to', async () => {
  const other = cache.getSecretString('other')
  await (await client.call(1)).answer('o1')
  await other
  const foreign = arnOf(name, '999999999999')
  const written = putSecretValue(cache, foreign, 'v2')
  await (await client.call(2)).answer('v2')
  await written
  const own = cache.getSecretString(name)
  await (await client.call(3)).answer('own')
  expect([await own, await cache.getSecretString(foreign)]).toEqual(['own', 'v2'])
})

it('a secret that is made again under its name takes the place of the one before', async () => {
  await holding('v1')
  const made = createSecret(cache, name, 'v9')
  const again = arnOf(name).replace('AbCdEf', 'GhIjKl')
  await (await client.call(2)).answer('v9', { ARN: again, VersionStages: undefined })
  await made
  expect([cache.peek(name)?.arn, cache.peek(name)?.text()]).toEqual([again, 'v9'])
})

it('bytes that are changed after the call are neither written nor read changed', async () => {
  const bytes = new Uint8Array([1, 2, 3])
  const first = putSecretValue(cache, name, 'v1')
  const second = putSecretValue(cache, name, bytes)
  bytes.fill(0)
  await (await client.call(1)).answer('v1')
  const put = await client.call(2)
  await put.answer('v2')
  await Promise.all([first, second])
  expect([put.input.SecretBinary, await cache.getSecretBinary(name)]).toEqual([new Uint8Array([1, 2, 3]), Buffer.from([1, 2, 3])])
})

it.each([
  ['written', putSecretValue],
  ['made', createSecret],
])('a secret of an account that is not allowed is an error and is not kept: one that is %s', async (_, write) => {
  const { cache, client } = newScene({ allowedAccounts: ['999999999999'] })
  const failed = rejectionOf(write(cache, name, 'v2'))
  await (await client.call(1)).answer('v2')
  expect([(await failed).code, cache.peek(name), cache.stats().failures]).toEqual(['ERR_SECRET_ACCOUNT', undefined, 0])
})
