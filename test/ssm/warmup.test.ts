import { describe, expect, it } from 'vitest'
import { parameterScene } from './scene.js'

const names = (count: number): string[] => Array.from({ length: count }, (_, n) => `/app/p${n}`)

function many(count: number) {
  return parameterScene(Object.fromEntries(names(count).map(name => [name, `value of ${name}`])))
}

describe('a warm-up of parameters', () => {
  it('reads a hundred with ten calls', async () => {
    const { cache, clock, store } = many(100)
    const warmed = cache.warmup(names(100))
    await clock.advance(1_000)
    expect(new Set((await warmed).map(({ outcome }) => outcome))).toEqual(new Set(['loaded']))
    expect(store.calls.map(({ operation }) => operation)).toEqual(Array.from({ length: 10 }, () => 'GetParameters'))
    expect(cache.peek('/app/p99')?.text()).toBe('value of /app/p99')
  })

  it('leaves half of the quota of forty calls a second to others', async () => {
    const { cache, clock, store } = many(400)
    const perSecond: number[] = []
    const warmed = cache.warmup(names(400))
    for (let second = 0; second < 3; second += 1) {
      const before = store.calls.length
      await clock.advance(1_000)
      perSecond.push(store.calls.length - before)
    }
    await warmed
    expect(store.calls.length).toBe(40)
    expect(Math.max(...perSecond)).toBeLessThanOrEqual(30)
  })

  it('reads the forms of one parameter once, and what is missing alone', async () => {
    const { cache, store } = many(6)
    const arn = 'arn:aws:ssm:eu-west-1:123456789012:parameter/app/p0'
    const report = await cache.warmup([...names(6), arn, '/app/missing', 'a/b'])
    expect(report.map(({ outcome }) => outcome)).toEqual([...names(7).map(() => 'loaded'), 'failed', 'failed'])
    expect(report.slice(-2)).toMatchObject([
      { error: { code: 'ERR_SECRET_NOT_FOUND' } },
      { error: { code: 'ERR_SECRET_REQUEST' } },
    ])
    expect([cache.stats().entries, store.calls.filter(({ operation }) => operation === 'GetParameters').length]).toEqual([
      6 + 2,
      1,
    ])
  })

  it('that may not read one of them reads all others one by one', async () => {
    const { cache, store } = many(6)
    store.inject({ name: '/app/p3', error: 'AccessDeniedException', message: 'is not authorized to perform: ssm:GetParameters' })
    const report = await cache.warmup(names(6))
    expect(report.map(({ outcome }) => outcome)).toEqual(['loaded', 'loaded', 'loaded', 'failed', 'loaded', 'loaded'])
  })

  it('whose batches are throttled makes no more calls one by one than its rate allows', async () => {
    const { cache, clock, store } = many(200)
    store.inject({ operation: 'GetParameters', error: 'ThrottlingException', message: 'Rate exceeded' })
    const warmed = cache.warmup(names(200))
    const perSecond: number[] = []
    for (let second = 0; second < 40; second += 1) {
      const before = store.calls.length
      await clock.advance(1_000)
      perSecond.push(store.calls.length - before)
    }
    await warmed
    expect(Math.max(...perSecond)).toBeLessThanOrEqual(30)
  })
})
