import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { SecretCache } from '../../src/index.js'
import { afterRestore, createLambdaCache, createRotationEventHandler, withSecrets } from '../../src/lambda/index.js'
import { DeferredSource, settled } from '../support/deferred-source.js'
import { clock, fake, useFake } from '../support/fake-cache.js'
import { rejectionOf } from '../support/rejection.js'

const id = 'prod/key'

useFake({ [id]: 'one', other: 'one' })

beforeEach(() => vi.stubEnv('AWS_LAMBDA_INITIALIZATION_TYPE', 'snap-start'))
afterEach(() => {
  vi.unstubAllEnvs()
  vi.useRealTimers()
})

function cacheOf(): SecretCache {
  return createLambdaCache({ secrets: [id], source: fake.source(), clock })
}

/** A cache as a snapshot holds it, with a secret that was rotated since; by the clock, no time has passed. */
async function snapshot(): Promise<SecretCache> {
  const cache = cacheOf()
  await cache.idle()
  await cache.getSecretString('other')
  fake.rotate(id, 'two')
  fake.rotate('other', 'two')
  fake.resetCalls()
  return cache
}

describe('the first invocation', () => {
  it('serves nothing from before the snapshot, and finds its secrets loaded', async () => {
    const cache = await snapshot()
    const handler = withSecrets(cache, async () => [cache.peek(id)?.text(), await cache.getSecretString('other')])
    expect(await handler()).toEqual(['two', 'two'])
    expect(fake.count()).toBe(2)
  })

  it('is the only one that loads again', async () => {
    const cache = await snapshot()
    const handler = withSecrets(cache, () => cache.getSecretString(id))
    const refresh = createRotationEventHandler(cache)
    await handler()
    await handler()
    await refresh({ source: 'elsewhere' })
    expect(fake.count()).toBe(1)
  })

  it('is given the last known good value while the service fails', async () => {
    const cache = await snapshot()
    fake.inject({ error: 'InternalServiceError' })
    expect(await withSecrets(cache, () => cache.getSecretString(id))()).toBe('one')
  })

  it('is given no value that is denied by now', async () => {
    const cache = await snapshot()
    fake.inject({ error: 'AccessDeniedException' })
    const denied = await rejectionOf(withSecrets(cache, () => cache.getSecretString(id))())
    expect(denied).toMatchObject({ code: 'ERR_SECRET_ACCESS_DENIED' })
  })

  it('serves nothing from before the snapshot from a cache without a list of secrets either', async () => {
    const cache = new SecretCache({ source: fake.source(), clock })
    await cache.getSecretString(id)
    fake.rotate(id, 'two')
    expect(await withSecrets(cache, () => cache.getSecretString(id))()).toBe('two')
  })

  it('waits for no load of the warm-up that the snapshot has interrupted, and uses none of its answers', async () => {
    const source = new DeferredSource()
    const cache = createLambdaCache({ secrets: ['secret'], source })
    const handler = withSecrets(cache, () => cache.getSecretString('secret'))
    await settled()
    const answer = handler()
    const again = await source.request(2)
    await source.sent[0]?.answer('v1')
    await again.answer('v2')
    expect(await answer).toBe('v2')
  })

  it('only waits for an object that is idle at some time', async () => {
    const idle = vi.fn(async () => {})
    await withSecrets({ idle }, async () => {})()
    expect(idle).toHaveBeenCalled()
  })
})

describe('the hook after a restore', () => {
  it('revalidates before the first invocation, which then makes no call', async () => {
    const cache = await snapshot()
    await afterRestore(cache)
    expect(cache.peek(id)?.text()).toBe('two')
    expect(await withSecrets(cache, () => cache.getSecretString(id))()).toBe('two')
    expect(fake.count()).toBe(1)
  })

  it('revalidates although the init phase has called the handler', async () => {
    const cache = cacheOf()
    const handler = withSecrets(cache, () => cache.getSecretString(id))
    await handler()
    fake.rotate(id, 'two')
    await afterRestore(cache)
    expect(await handler()).toBe('two')
  })

  it('rejects for no failure', async () => {
    const cache = await snapshot()
    const failed: string[] = []
    cache.on('error', ({ error }) => failed.push(error.code))
    fake.inject({ error: 'InternalServiceError' })
    await afterRestore(cache)
    expect(failed).toEqual(['ERR_SECRET_UNAVAILABLE'])
  })

  it('ends after eight seconds, however long a load takes', async () => {
    const source = new DeferredSource()
    const cache = createLambdaCache({ secrets: ['secret'], source, clock })
    await settled()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    let isDone = false
    void afterRestore(cache).then(() => {
      isDone = true
    })
    await source.request(2)
    await vi.advanceTimersByTimeAsync(7_999)
    expect(isDone).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(isDone).toBe(true)
  })

  it('takes nothing but a cache', async () => {
    await expect(afterRestore({} as SecretCache)).rejects.toThrow(TypeError)
    await expect(afterRestore(undefined as unknown as SecretCache)).rejects.toThrow(/^cache must be a SecretCache/)
  })
})

it('a function that was not restored revalidates nothing', async () => {
  vi.stubEnv('AWS_LAMBDA_INITIALIZATION_TYPE', 'on-demand')
  const cache = await snapshot()
  expect(await withSecrets(cache, () => cache.getSecretString(id))()).toBe('one')
})
