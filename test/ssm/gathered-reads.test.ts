import { describe, expect, it } from 'vitest'
import { ssmSource } from '../../src/ssm/index.js'
import { ManualClock } from '../../src/testing/index.js'
import { rejectionOf } from '../support/rejection.js'
import { parameterScene, type Scene } from './scene.js'

const names = (count: number): string[] => Array.from({ length: count }, (_, n) => `/app/p${n}`)

function many(count: number): Scene {
  return parameterScene(Object.fromEntries(names(count).map(name => [name, `value of ${name}`])))
}

/** What was called, in order, with how often in a row. */
function callsOf({ store }: Scene): string[] {
  return store.calls.map(({ operation, input }) => {
    const { Names } = input as { Names?: string[] }
    return Names === undefined ? operation : `${operation} of ${Names.length}`
  })
}

const alone = (count: number): string[] => Array.from({ length: count }, () => 'GetParameter')

describe('reads at once', () => {
  it('are ten calls, and then a call for each ten of them', async () => {
    const scene = many(150)
    const reads = Promise.all(names(150).map(name => scene.cache.getSecretString(name)))
    await scene.clock.advance(750)
    expect(await reads).toEqual(names(150).map(name => `value of ${name}`))
    expect(callsOf(scene)).toEqual([...alone(10), ...Array.from({ length: 14 }, () => 'GetParameters of 10')])
  })

  it('are gathered only until their turn, and one that is alone by then is a call of its own', async () => {
    const scene = many(14)
    const reads = names(13).map(name => scene.cache.getSecretString(name))
    await scene.clock.advance(50)
    reads.push(scene.cache.getSecretString('/app/p13'))
    await scene.clock.advance(50)
    expect(await Promise.all(reads)).toHaveLength(14)
    expect(callsOf(scene)).toEqual([...alone(10), 'GetParameters of 3', 'GetParameter'])
  })

  it('by each form of one id take one call and are found', async () => {
    const scene = many(12)
    const arn = 'arn:aws:ssm:eu-west-1:123456789012:parameter/app/p11'
    const reads = [...names(12), arn].map(id => scene.cache.getSecretString(id))
    await scene.clock.advance(50)
    expect((await Promise.all(reads)).slice(-3)).toEqual(['value of /app/p10', 'value of /app/p11', 'value of /app/p11'])
    expect(callsOf(scene)).toEqual([...alone(10), 'GetParameters of 2'])
  })

  it('tell of the one that is missing why it is', async () => {
    const scene = many(12)
    const reads = names(12).map(name => scene.cache.getSecretString(name))
    const missing = rejectionOf(scene.cache.getSecretString('/app/missing'))
    await scene.clock.advance(200)
    expect(await Promise.all(reads)).toHaveLength(12)
    expect(await missing).toMatchObject({ code: 'ERR_SECRET_NOT_FOUND', secretId: '/app/missing' })
    expect(callsOf(scene)).toEqual([...alone(10), 'GetParameters of 3', 'GetParameter'])
  })

  it('are made alone, by their turns, for a minute after a denial', async () => {
    const scene = many(40)
    scene.store.inject({ operation: 'GetParameters', error: 'AccessDeniedException', message: 'not authorized' })
    const reads = names(13).map(name => scene.cache.getSecretString(name))
    await scene.clock.advance(200)
    expect(await Promise.all(reads)).toHaveLength(13)
    expect(callsOf(scene)).toEqual([...alone(10), 'GetParameters of 3', ...alone(3)])
    scene.store.resetCalls()
    await scene.clock.advance(50_000)
    const later = names(26)
      .slice(13)
      .map(name => scene.cache.getSecretString(name))
    await scene.clock.advance(150)
    expect(await Promise.all(later)).toHaveLength(13)
    expect(callsOf(scene)).toEqual(alone(13))
    scene.store.recover()
    scene.store.resetCalls()
    await scene.clock.advance(10_000)
    const last = names(39)
      .slice(26)
      .map(name => scene.cache.getSecretString(name))
    await scene.clock.advance(150)
    expect(await Promise.all(last)).toHaveLength(13)
    expect(callsOf(scene)).toEqual([...alone(10), 'GetParameters of 3'])
  })

  it('that are throttled together fail alike', async () => {
    const scene = many(13)
    scene.store.inject({ operation: 'GetParameters', error: 'ThrottlingException', message: 'Rate exceeded' })
    const reads = names(13).map(name => scene.cache.getSecretString(name))
    const failed = Promise.all(reads.slice(10).map(rejectionOf))
    await scene.clock.advance(1_000)
    expect((await failed).map(({ code, secretId }) => [code, secretId])).toEqual(
      names(13)
        .slice(10)
        .map(name => ['ERR_SECRET_THROTTLED', name]),
    )
  })

  it('that were all given up end their call', async () => {
    const clock = new ManualClock()
    const signals: AbortSignal[] = []
    const client = {
      async send(_: never, options?: { abortSignal: AbortSignal }): Promise<unknown> {
        const { abortSignal } = options as { abortSignal: AbortSignal }
        signals.push(abortSignal)
        return new Promise((_resolve, reject) => abortSignal.addEventListener('abort', () => reject(abortSignal.reason)))
      },
    }
    const source = ssmSource({ client: client as never, clock })
    const readers = Array.from({ length: 12 }, () => new AbortController())
    const reads = readers.map(({ signal }, n) => rejectionOf(source.get({ secretId: `/app/p${n}` }, { signal })))
    await clock.advance(50)
    readers[10]?.abort()
    expect([signals.length, signals[10]?.aborted]).toEqual([11, false])
    for (const reader of readers) reader.abort()
    await Promise.all(reads)
    expect(signals.map(({ aborted }) => aborted)).toEqual(Array.from({ length: 11 }, () => true))
  })
})

it('two hundred events at once are all followed up within two seconds', async () => {
  const scene = many(200)
  const warmed = scene.cache.warmup(names(200))
  await scene.clock.advance(2_000)
  await warmed
  const events: unknown[] = []
  scene.store.onEvent(event => events.push(event))
  for (const name of names(200)) scene.store.put(name, `new ${name}`)
  const handled = Promise.all(events.map(event => scene.cache.handleRotationEvent(event)))
  await scene.clock.advance(2_000)
  expect((await handled).flat().map(({ outcome }) => outcome)).toEqual(names(200).map(() => 'refreshed'))
  expect(names(200).map(name => scene.cache.peek(name)?.text())).toEqual(names(200).map(name => `new ${name}`))
})
