import { describe, expect, it } from 'vitest'
import type { ParameterStoreChangeEvent } from '../../src/testing/index.js'
import { parameterScene, type Scene } from './scene.js'

/** A scene whose events are collected, with a parameter that the cache holds. */
async function followed(): Promise<Scene & { events: ParameterStoreChangeEvent[] }> {
  const scene = parameterScene({ '/app/key': 'one', other: 'x' })
  const events: ParameterStoreChangeEvent[] = []
  scene.store.onEvent(event => events.push(event))
  await scene.cache.getSecretString('/app/key')
  await scene.clock.advance(5_000)
  return { ...scene, events }
}

describe('an event of Parameter Store', () => {
  it('refreshes the parameter that it names, in any envelope', async () => {
    const { cache, store, events } = await followed()
    store.put('/app/key', 'two')
    const Message = JSON.stringify(events[0])
    const body = JSON.stringify({ Type: 'Notification', TopicArn: 'arn:aws:sns:eu-west-1:123456789012:topic', Message })
    expect(await cache.handleRotationEvent({ Records: [{ body }] })).toMatchObject([
      { outcome: 'refreshed', reason: 'Parameter Store Change', secretId: '/app/key', versionId: '2' },
    ])
    expect(await cache.getSecretString('/app/key')).toBe('two')
  })

  it('is one of many deliveries', async () => {
    const { cache, store, events } = await followed()
    store.put('/app/key', 'two')
    await cache.handleRotationEvent(events[0])
    expect(await cache.handleRotationEvent(events[0])).toMatchObject([{ outcome: 'ignored', reason: 'delivered before' }])
  })

  it('names no version, so the parameter is read until that has risen', async () => {
    const { cache, clock, store, events } = await followed()
    store.put('/app/key', 'two')
    store.inject({ operation: 'GetParameter', answer: 'old', times: 3 })
    const handled = cache.handleRotationEvent(events[0])
    await clock.advance(10_000)
    expect([await handled, cache.peek('/app/key')?.text()]).toMatchObject([[{ outcome: 'refreshed', versionId: '2' }], 'two'])
  })

  it('of a deletion ends the value', async () => {
    const { cache, clock, store, events } = await followed()
    store.delete('/app/key')
    await cache.handleRotationEvent(events[0])
    await clock.advance(301_000)
    expect(cache.peek('/app/key')).toBeUndefined()
  })

  it('of what the cache does not hold, of a label, or of anything else makes no call', async () => {
    const { cache, store, events } = await followed()
    store.put('other', 'y')
    store.label('/app/key', ['blue'])
    const [change, label] = events
    const { length } = store.calls
    expect(await cache.handleRotationEvent(change)).toMatchObject([{ outcome: 'ignored', reason: 'unknown secret' }])
    expect(await cache.handleRotationEvent(label)).toMatchObject([{ outcome: 'ignored', reason: 'another staging label' }])
    const policy = { ...change, 'detail-type': 'Parameter Store Policy Action', detail: { 'policy-type': 'Expiration' } }
    expect(await cache.handleRotationEvent(policy)).toMatchObject([{ outcome: 'ignored', reason: 'no value changed' }])
    const nothing = { ...change, resources: [], detail: { operation: 'Update' } }
    expect(await cache.handleRotationEvent(nothing)).toMatchObject([{ outcome: 'rejected', reason: 'names no secret' }])
    expect(store.calls.length).toBe(length)
  })

  it('of a label refreshes a cache that reads a label', async () => {
    const { cache, store } = parameterScene({ '/app/key': 'one' }, { cache: { versionStage: 'blue' } })
    store.label('/app/key', ['blue'])
    await cache.getSecretString('/app/key')
    store.put('/app/key', 'two')
    const events: unknown[] = []
    store.onEvent(event => events.push(event))
    store.label('/app/key', ['blue'], { version: 2 })
    expect(await cache.handleRotationEvent(events[0])).toMatchObject([{ outcome: 'refreshed', versionId: '2' }])
  })

  it('of another account or Region is not about this parameter', async () => {
    const { cache, store, events } = await followed()
    store.put('/app/key', 'two')
    const of = (arn: string): object => ({ ...events[0], id: arn, resources: [arn] })
    expect(await cache.handleRotationEvent(of('arn:aws:ssm:eu-west-1:210987654321:parameter/app/key'))).toMatchObject([
      { outcome: 'ignored' },
    ])
    expect(await cache.handleRotationEvent(of('arn:aws:ssm:us-east-1:123456789012:parameter/app/key'))).toMatchObject([
      { outcome: 'ignored' },
    ])
  })
})
