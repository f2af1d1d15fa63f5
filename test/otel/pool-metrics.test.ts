import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { recordMetrics } from '../../src/otel/index.js'
import { type Swapped, swapped } from '../swap/swapped.js'
import { type Collector, startCollector } from './collector.js'
import { recordEverything } from './everything.js'

const ofKey = { 'awscurrent.secret.name': 'key' }
const current = { ...ofKey, 'awscurrent.version_stage': 'AWSCURRENT' }

let collector: Collector

function record({ cache, clock }: Swapped): void {
  onTestFinished(recordMetrics({ meter: collector.meter, caches: { main: cache }, clock }))
}

beforeEach(() => {
  collector = startCollector()
})

describe('of pools and swaps', () => {
  it.each<[string, unknown[]]>([
    ['awscurrent.pool.credentials', [[current, 2]]],
    ['awscurrent.pool.refusals', [[{ ...ofKey, 'error.type': 'refused' }, 1]]],
    ['awscurrent.pool.retired', [[ofKey, 1]]],
  ])('%s counts what a rotation with a window and a bad version make of it', async (name, expected) => {
    await recordEverything(collector.meter)
    expect(await collector.series(name)).toEqual(expected)
  })

  it('a window counts once it is over, with the time that it took', async () => {
    const { swap, clock } = await recordEverything(collector.meter)
    const windows = (await collector.collect()).find(({ descriptor }) => descriptor.name === 'awscurrent.pool.window.duration')
    expect(windows?.dataPoints).toMatchObject([{ attributes: ofKey, value: { count: 1 } }])
    const closed = swap.close()
    await clock.advance(1_000)
    await closed
  })

  it('a version that is still AWSPENDING is told apart', async () => {
    const scene = swapped()
    record(scene)
    await scene.call()
    scene.server.keys = new Set(['two'])
    scene.fake.put('key', 'two', { versionStages: ['AWSPENDING'] })
    await scene.call()
    expect(await collector.series('awscurrent.pool.credentials')).toEqual([
      [current, 1],
      [{ ...current, 'awscurrent.version_stage': 'AWSPENDING' }, 1],
    ])
  })

  it('the name is known also of a secret that was loaded before the recording began', async () => {
    const scene = swapped()
    await scene.cache.getSecret('key')
    record(scene)
    await scene.call()
    expect(await collector.series('awscurrent.pool.credentials')).toEqual([[current, 1]])
  })

  it('an ARN and the name of a secret have one series', async () => {
    const source = swapped()
    const { arn } = await source.cache.getSecret('key')
    const scene = swapped({ cache: source.cache, secretId: arn })
    record(source)
    await scene.call()
    expect(await collector.series('awscurrent.pool.credentials')).toEqual([[current, 1]])
  })

  it('the secret of a cache that is not recorded has no name until it is loaded again', async () => {
    const [scene, another] = [swapped(), swapped()]
    await scene.cache.getSecret('key')
    record(another)
    await scene.call()
    const unknown = { ...current, 'awscurrent.secret.name': '_OTHER' }
    expect(await collector.series('awscurrent.pool.credentials')).toEqual([[unknown, 1]])
  })
})

describe('of listeners', () => {
  it.each<[string, unknown[]]>([
    [
      'awscurrent.listener.failures',
      [[{ 'awscurrent.listener.event': 'receiveFailed', 'error.type': 'ERR_SECRET_UNAVAILABLE' }, 1]],
    ],
    ['awscurrent.listener.gaps', [[{ 'awscurrent.gap.reason': 'started' }, 1]]],
    ['awscurrent.listener.refused', [[{ 'http.response.status_code': 403 }, 1]]],
  ])('%s counts what they publish', async (name, expected) => {
    await recordEverything(collector.meter)
    expect(await collector.series(name)).toEqual(expected)
  })
})
