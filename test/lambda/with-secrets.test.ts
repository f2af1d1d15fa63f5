import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { SecretCache } from '../../src/index.js'
import { createLambdaCache, withSecrets } from '../../src/lambda/index.js'
import { FakeSecretsManager, ManualClock } from '../../src/testing/index.js'
import { DeferredSource, settled } from '../support/deferred-source.js'

let source: DeferredSource
let told: string[]

beforeEach(() => {
  source = new DeferredSource()
  told = []
})

/** Tells when a handler has answered. */
async function tellEnd(answer: Promise<unknown>): Promise<void> {
  await answer.catch(() => {})
  told.push('answered')
}

it('the handler begins when the warm-up is over', async () => {
  const cache = createLambdaCache({ secrets: ['secret'], source })
  const handler = withSecrets(cache, async () => cache.peek('secret')?.text())
  const answer = handler()
  await settled()
  await source.sent[0]?.answer('v1')
  expect(await answer).toBe('v1')
})

it('the handler begins although the warm-up has failed', async () => {
  const cache = createLambdaCache({ secrets: ['secret'], source })
  const handler = withSecrets(cache, async () => 'begun')
  const answer = handler()
  await settled()
  await source.sent[0]?.fail()
  expect(await answer).toBe('begun')
})

it.each([
  ['answers', async () => 'answer'],
  ['rejects', async () => Promise.reject(new Error('rejected'))],
  [
    'throws',
    () => {
      throw new Error('thrown')
    },
  ],
])('a handler that %s is waited for together with the loads that it leaves behind', async (_, end) => {
  const cache = new SecretCache({ source })
  cache.on('loaded', () => told.push('loaded'))
  const handler = withSecrets(cache, () => {
    void cache.getSecretString('secret')
    return end()
  })
  const ended = tellEnd(handler())
  await settled()
  expect(told).toEqual([])
  await source.sent[0]?.answer('v1')
  await ended
  expect(told).toEqual(['loaded', 'answered'])
})

it('what the handler is given and what it answers or rejects with is passed on', async () => {
  const failure = new Error('The handler failed.')
  const cache = new FakeSecretsManager({ secrets: { id: 'one' } })
  const secrets = createLambdaCache({ secrets: ['id'], source: cache.source() })
  const handler = withSecrets(secrets, async (event: { fail: boolean }, context: object) => {
    if (event.fail) throw failure
    return [event, context]
  })
  const [event, context] = [{ fail: false }, {}]
  const answer = await handler(event, context)
  expect(answer[0]).toBe(event)
  expect(answer[1]).toBe(context)
  await expect(handler({ fail: true }, context)).rejects.toBe(failure)
})

it('a handler that is a method is called as one', async () => {
  const service = {
    name: 'orders',
    handle: withSecrets(new SecretCache({ source }), async function (this: { name: string }) {
      return this.name
    }),
  }
  expect(await service.handle()).toBe('orders')
})

it('a handler that was marked as streaming stays so, and is given its stream', async () => {
  const mark = Symbol.for('aws.lambda.runtime.handler.streaming')
  const stream = { written: '' }
  const streaming = Object.assign(
    async (_event: object, response: typeof stream, _context: object) => {
      response.written = 'text'
    },
    { [mark]: 'response' },
  )
  const handler = withSecrets(new SecretCache({ source }), streaming)
  expect(handler[mark]).toBe('response')
  await handler({}, stream, {})
  expect(stream.written).toBe('text')
})

describe('a handler with a callback', () => {
  type Callback = (error: unknown, answer?: unknown) => void
  const secrets = () => new FakeSecretsManager({ secrets: { id: 'one' } })

  /** As Lambda calls it: up to Node.js 22 with a callback of its own, which no handler of a promise calls. */
  const invoke = (handler: unknown, third?: unknown): Promise<unknown> =>
    (handler as (...args: unknown[]) => Promise<unknown>)({}, {}, ...(third === undefined ? [] : [third]))

  it.each([
    ['with one', () => {}],
    ['without one', undefined],
  ])('has answered when it calls that, called %s', async (_, third) => {
    const cache = new SecretCache({ source: secrets().source() })
    const answering = withSecrets(cache, (_event: object, _context: object, callback: Callback) => {
      void cache.getSecretString('id').then(value => callback(null, value))
    })
    expect(await invoke(answering, third)).toBe('one')
    const failing = withSecrets(cache, (_event: object, _context: object, callback: Callback) => {
      setImmediate(callback, new Error('The handler failed.'))
    })
    await expect(invoke(failing, third)).rejects.toThrow('The handler failed.')
  })

  it.each<[string, (...args: never[]) => void]>([
    [
      'a parameter with a default',
      (_event: object, _context: object, callback: Callback = () => {}) => {
        setImmediate(callback, null, 'one')
      },
    ],
    [
      'the rest of its parameters',
      (...[, , callback]: [object, object, Callback]) => {
        setImmediate(callback, null, 'one')
      },
    ],
  ])('may take it by %s, where Lambda gives one', async (_, handler) => {
    const cache = new SecretCache({ source: secrets().source() })
    expect(await invoke(withSecrets(cache, handler), () => {})).toBe('one')
  })

  describe('where Lambda itself waits until nothing is left to do', () => {
    /** Calls a handler as Lambda does up to Node.js 22. Resolves with what it answers, and whether that waits until the event loop is empty. */
    const run = (handler: unknown, context = { callbackWaitsForEmptyEventLoop: true }): Promise<unknown[]> =>
      new Promise((resolve, reject) => {
        const callback: Callback = (error, answer) => {
          if (error) reject(error)
          else resolve([answer, context.callbackWaitsForEmptyEventLoop])
        }
        const promise = (handler as (...args: unknown[]) => Promise<unknown> | undefined)({}, context, callback)
        promise?.then(answer => resolve([answer, false]), reject)
      })
    type Context = { callbackWaitsForEmptyEventLoop: boolean }
    const wrap = (handler: (event: object, context: Context, callback: Callback) => unknown): unknown =>
      withSecrets(new SecretCache({ source: secrets().source() }), handler as () => void)

    it('what goes on after the callback is waited for', async () => {
      expect(await run(wrap((_event, _context, callback) => callback(null, 'one')))).toEqual(['one', true])
    })

    it('unless the handler has said otherwise', async () => {
      const handler = wrap((_event, context, callback) => {
        context.callbackWaitsForEmptyEventLoop = false
        callback(null, 'one')
      })
      expect(await run(handler)).toEqual(['one', false])
    })

    it('what goes on after its promise is not, though it declares a callback', async () => {
      expect(await run(wrap(async (_event, _context, _callback) => 'promised'))).toEqual(['promised', false])
    })

    it('without a context, or without a callback, the answer is that of the handler', async () => {
      const handler = wrap((_event, _context, callback) => (callback ? callback(null, 'one') : undefined)) as (
        ...args: unknown[]
      ) => Promise<unknown>
      expect(await handler({})).toBe('one')
      expect(await handler({}, { callbackWaitsForEmptyEventLoop: true })).toBe('one')
    })

    it('its failure is passed on', async () => {
      const failure = new Error('The handler failed.')
      await expect(run(wrap((_event, _context, callback) => callback(failure)))).rejects.toBe(failure)
    })
  })

  it('may answer by a value, where it declares no callback', async () => {
    const cache = new SecretCache({ source: secrets().source() })
    const answering = withSecrets(cache, (() => 'value') as unknown as () => void)
    expect([await invoke(answering, () => {}), await invoke(answering)]).toEqual(['value', 'value'])
  })

  it('may answer by a promise, or throw', async () => {
    const cache = new SecretCache({ source: secrets().source() })
    expect(await invoke(withSecrets(cache, async (_event: object, _context: object, _callback: Callback) => 'promised'))).toBe(
      'promised',
    )
    const throwing = withSecrets(cache, (_event: object, _context: object, _callback: Callback) => {
      throw new Error('The handler threw.')
    })
    await expect(invoke(throwing)).rejects.toThrow('The handler threw.')
  })
})

describe('of the time that the context says to be left', () => {
  const context = (leftMs: number): object => ({ getRemainingTimeInMillis: () => leftMs })

  it('the last half second is not waited away, before the handler or after it', async () => {
    const cache = createLambdaCache({ secrets: ['secret'], source })
    const handler = withSecrets(cache, async (_event: object, _context: object) => {
      void cache.getSecretString('another').catch(() => {})
      return 'answered'
    })
    expect(await handler({}, context(500))).toBe('answered')
    expect(source.sent).toHaveLength(2)
  })
})

describe('loads that hang when the handler is through', () => {
  const failed: string[] = []

  function leavingCache(): SecretCache {
    const cache = new SecretCache({ source, ttlMs: 0 })
    cache.on('error', ({ error }) => failed.push(error.code))
    return cache
  }

  /** Moves both clocks: that of the cache, and that of the machine. */
  async function advance(clock: ManualClock, ms: number): Promise<void> {
    await clock.advance(ms)
    await vi.advanceTimersByTimeAsync(ms)
  }

  /** What a handler answers, and how long that takes. */
  async function answered(clock: ManualClock, handler: () => Promise<string>): Promise<{ value: string; ms: number }> {
    let isDone = false
    const answer = handler().finally(() => {
      isDone = true
    })
    let ms = 0
    for (; !isDone; ms += 100) await advance(clock, 100)
    return { value: await answer, ms }
  }

  beforeEach(() => {
    failed.length = 0
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  })

  afterEach(() => {
    vi.useRealTimers()
  })

  it('are waited for in the time that the context leaves', async () => {
    const cache = leavingCache()
    const context = { getRemainingTimeInMillis: () => 5_000 }
    const handler = withSecrets(cache, async (_event: object, _context: object) => {
      void cache.getSecretString('secret').catch(() => {})
    })
    const ended = tellEnd(handler({}, context))
    await vi.advanceTimersByTimeAsync(900)
    expect(told).toEqual([])
    await source.sent[0]?.answer('v1')
    await ended
    expect(await cache.peek('secret')?.text()).toBe('v1')
  })

  it('hold up no later handler: only the first one waits for the warm-up', async () => {
    const cache = leavingCache()
    const handler = withSecrets(cache, async () => void told.push('begun'))
    await handler()
    void cache.getSecretString('secret').catch(() => {})
    const ended = handler()
    await vi.advanceTimersByTimeAsync(0)
    expect(told).toEqual(['begun', 'begun'])
    await source.sent[0]?.answer('v1')
    await ended
  })

  it('hold it for a second, and no later one', async () => {
    const cache = leavingCache()
    const handler = withSecrets(cache, async (leave: boolean) => {
      if (leave) void cache.getSecretString('secret').catch(() => {})
    })
    const ended = tellEnd(handler(true))
    await vi.advanceTimersByTimeAsync(999)
    expect(told).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    await ended
    await handler(false)
  })

  it('are given up, and counted as no failure: the next read begins its own at once', async () => {
    const cache = leavingCache()
    let left: Promise<unknown> | undefined
    const handler = withSecrets(cache, async () => {
      left = cache.getSecretString('secret').catch((error: { code: string }) => error.code)
    })
    const ended = handler()
    await vi.advanceTimersByTimeAsync(1_000)
    await ended
    expect(await left).toBe('ERR_SECRET_TIMEOUT')
    const read = cache.getSecretString('secret')
    await vi.advanceTimersByTimeAsync(0)
    await source.sent[1]?.answer('v1')
    expect(await read).toBe('v1')
    expect([failed, cache.stats().failures]).toEqual([[], 0])
  })

  it('are given up where a last known good is held, which their readers are given', async () => {
    const cache = leavingCache()
    const first = cache.getSecretString('secret')
    await vi.advanceTimersByTimeAsync(0)
    await source.sent[0]?.answer('v1')
    await first
    let left: Promise<string> | undefined
    const handler = withSecrets(cache, async () => {
      cache.invalidate('secret')
      left = cache.getSecretString('secret')
    })
    const ended = handler()
    await vi.advanceTimersByTimeAsync(1_000)
    await ended
    expect(await left).toBe('v1')
    expect(failed).toEqual([])
  })

  it('are not begun again by each invocation while the service hangs', async () => {
    const clock = new ManualClock()
    const cache = createLambdaCache({ secrets: ['secret'], source, clock, ttlMs: 2_000, ttlJitter: 0, staleWaitMs: 100 })
    const handler = withSecrets(cache, () => cache.getSecretString('secret'))
    const first = handler()
    await advance(clock, 0)
    await source.sent[0]?.answer('v1')
    expect(await first).toBe('v1')
    await advance(clock, 2_000)
    cache.on('error', ({ error }) => failed.push(error.code))
    const held: number[] = []
    for (let n = 0; n < 200; n += 1) {
      const { value, ms } = await answered(clock, handler)
      expect(value).toBe('v1')
      if (ms > 300) held.push(ms)
      await advance(clock, 300)
    }
    expect(held.length).toBeLessThan(12)
    expect(Math.max(...held)).toBeLessThanOrEqual(5_200)
    expect(source.sent.length).toBeLessThan(14)
    // Some loads are waited for until they have failed.
    expect(new Set(failed)).toEqual(new Set(['ERR_SECRET_TIMEOUT']))
  })

  it('are waited for less often while the service goes on hanging, however rare the invocations', async () => {
    const clock = new ManualClock()
    const cache = createLambdaCache({ secrets: ['secret'], source, clock, ttlMs: 2_000, ttlJitter: 0 })
    const handler = withSecrets(cache, () => cache.getSecretString('secret'))
    const first = handler()
    await settled()
    await source.sent[0]?.answer('v1')
    await first
    const held: number[] = []
    for (let n = 1; n <= 64; n += 1) {
      await clock.advance(65_000)
      const { value, ms } = await answered(clock, handler)
      expect(value).toBe('v1')
      if (ms > 1_200) held.push(n)
    }
    expect(held).toEqual([1, 3, 5, 9, 17, 25, 33, 41, 49, 57])
  })

  it.each([
    ['after a failure', 1, undefined],
    ['after an outage of hours', 300, undefined],
    ['though reads wait for less than a load takes', 0, 0],
  ])('keep no value that a slow service would have replaced, %s', async (_, failures, staleWaitMs) => {
    const betweenMs = failures > 1 ? 65_000 : 300
    const clock = new ManualClock()
    const fake = new FakeSecretsManager({ clock, secrets: { secret: 'one' } })
    const cache = createLambdaCache({
      secrets: ['secret'],
      source: fake.source(),
      clock,
      ttlMs: 2_000,
      ttlJitter: 0,
      staleWaitMs,
    })
    const handler = withSecrets(cache, () => cache.getSecretString('secret'))
    await handler()
    await clock.advance(2_000)
    if (failures > 0) fake.inject({ error: 'InternalServiceError', times: failures })
    for (let n = 0; n < failures; n += 1) {
      await answered(clock, handler)
      await clock.advance(betweenMs)
    }
    fake.rotate('secret', 'two')
    fake.inject({ delayMs: 1_500 })
    const values: string[] = []
    for (let n = 0; n < (failures > 1 ? 20 : 100); n += 1) {
      values.push((await answered(clock, handler)).value)
      await clock.advance(betweenMs)
    }
    expect(values.at(-1)).toBe('two')
  })

  it('are given up with the rest of a warm-up that is too long for the time that is left', async () => {
    const ids = Array.from({ length: 25 }, (_, index) => `secret-${index}`)
    const secrets = createLambdaCache({ secrets: ids, source })
    const handler = withSecrets(secrets, async (_event: object, _context: object) => 'answered')
    const answer = handler({}, { getRemainingTimeInMillis: () => 1_000 })
    await vi.advanceTimersByTimeAsync(1_000)
    expect(await answer).toBe('answered')
    const { length } = source.sent
    await vi.advanceTimersByTimeAsync(10_000)
    expect(source.sent).toHaveLength(length)
  })

  it('are left alone on Lambda Managed Instances, which are not frozen', async () => {
    vi.stubEnv('AWS_LAMBDA_INITIALIZATION_TYPE', 'lambda-managed-instances')
    try {
      const cache = leavingCache()
      let left: Promise<string> | undefined
      await withSecrets(cache, async () => {
        left = cache.getSecretString('secret')
      })()
      await source.sent[0]?.answer('v1')
      expect(await left).toBe('v1')
    } finally {
      vi.unstubAllEnvs()
    }
  })
})

it.each([
  [
    'throws',
    () => {
      throw new Error('no context')
    },
  ],
  ['returns no number', () => Number.NaN],
])('a context whose time %s is passed over: the warm-up is waited for', async (_, getRemainingTimeInMillis) => {
  const cache = createLambdaCache({ secrets: ['secret'], source })
  const handler = withSecrets(cache, async (_event: object, _context: object) => cache.peek('secret')?.text())
  const answer = handler({}, { getRemainingTimeInMillis })
  await settled()
  await source.sent[0]?.answer('v1')
  expect(await answer).toBe('v1')
})

it('a warm-up by the ARN and the name of one secret takes loadTimeoutMs at most', async () => {
  const clock = new ManualClock()
  const fake = new FakeSecretsManager({ clock, secrets: { db: 'one' } })
  const { ARN } = fake.perform('DescribeSecret', { SecretId: 'db' })
  fake.inject({ hang: true })
  const cache = createLambdaCache({ secrets: ['db', String(ARN)], source: fake.source(), clock, loadTimeoutMs: 5_000 })
  const failed: string[] = []
  cache.on('error', ({ error }) => failed.push(error.code))
  const idle = cache.idle()
  await clock.advance(5_000)
  await idle
  expect(failed).toEqual(['ERR_SECRET_TIMEOUT'])
})

it.each([
  ['a cache', undefined, async () => {}, /^cache must/],
  ['a handler', new SecretCache(), undefined, /^handler must/],
])('without %s it is a TypeError', (_, cache, handler, message) => {
  const wrap = (): unknown => withSecrets(cache as SecretCache, handler as () => Promise<void>)
  expect(wrap).toThrow(TypeError)
  expect(wrap).toThrow(message)
})
