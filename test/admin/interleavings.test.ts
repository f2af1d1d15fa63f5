import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { putSecretValue } from '../../src/admin/index.js'
import { loadSdk } from '../../src/core/loads/sdk.js'
import type { SecretCache } from '../../src/index.js'
import type { ManualClock } from '../../src/testing/index.js'
import { labelEvent } from '../../src/testing/label-event.js'
import { arnOf, type DeferredClient } from '../support/deferred-client.js'
import { settled } from '../support/deferred-source.js'
import { rejectionOf } from '../support/rejection.js'
import { name, newScene, type Scene } from './support.js'

/** Where the client's secrets are. */
const place = { region: 'eu-west-1', accountId: '123456789012' }

let clock: ManualClock
let client: DeferredClient
let cache: SecretCache
let moves: string[]
let holding: Scene['holding']

// Its import takes time that no test spells out.
beforeAll(() => loadSdk())

beforeEach(() => {
  ;({ clock, client, cache, moves, holding } = newScene())
})

/** Answers the read of the written version by its id, which is to tell an old answer from a newer one. */
async function isAsked(versionId: string, VersionStages: string[]): Promise<void> {
  const { operation, input, answer } = await client.call(client.sent.length)
  expect([operation, input]).toEqual(['GetSecretValue', { SecretId: name, VersionId: versionId }])
  await answer(versionId, { VersionStages })
}

describe('a load begun before the write', () => {
  it.each([
    ['that the cache held before', true],
    ['that the cache never saw', false],
  ])('which then answers with the old version, %s, changes nothing, and its readers are given the new one', async (_, held) => {
    if (held) await holding('v1')
    cache.invalidate(name)
    const read = cache.getSecretString(name)
    const load = await client.call(held ? 2 : 1)
    const written = putSecretValue(cache, name, 'v2')
    await (await client.call(held ? 3 : 2)).answer('v2')
    await written
    await load.answer('v1')
    expect([await read, cache.peek(name)?.versionId]).toEqual(['v2', 'v2'])
    expect(moves).toEqual(held ? ['v1→v2'] : [])
  })

  it('under another id of the secret changes nothing either', async () => {
    const read = cache.getSecretString(arnOf(name))
    const load = await client.call(1)
    const written = putSecretValue(cache, name, 'v2')
    await (await client.call(2)).answer('v2')
    await written
    await load.answer('v1')
    expect([await read, await cache.getSecretString(name), cache.stats().entries]).toEqual(['v2', 'v2', 1])
  })

  it('that fails takes nothing of the new version away', async () => {
    const read = rejectionOf(cache.getSecretString(name))
    const load = await client.call(1)
    const written = putSecretValue(cache, name, 'v2')
    await settled()
    await Promise.all([load.fail('ResourceNotFoundException'), (await client.call(2)).answer('v2')])
    await Promise.all([read, written])
    expect(cache.peek(name)?.versionId).toBe('v2')
  })
})

describe('a load begun during the write', () => {
  it.each([
    ['that the cache held before', true],
    ['that the cache never saw', false],
  ])('and answered first, with the old version, %s, does not outlive the write', async (_, held) => {
    if (held) await holding('v1')
    cache.invalidate(name)
    const written = putSecretValue(cache, name, 'v2')
    const put = await client.call(held ? 2 : 1)
    const read = cache.getSecretString(name)
    await (await client.call(held ? 3 : 2)).answer('v1')
    expect(await read).toBe('v1')
    await put.answer('v2')
    // What was read by somebody may be newer than what was written.
    if (!held) await isAsked('v2', ['AWSCURRENT'])
    await written
    expect([cache.peek(name)?.versionId, moves]).toEqual(['v2', ['v1→v2']])
  })

  it.each([
    ['full ARN', arnOf(name)],
    ['partial ARN', arnOf(name).slice(0, -'-AbCdEf'.length)],
  ])(
    'by the %s, and answered first with the old version, does not outlive it, though only the write shows that they are one',
    async (_, arn) => {
      const written = putSecretValue(cache, name, 'v2')
      const put = await client.call(1)
      const read = cache.getSecretString(arn)
      await (await client.call(2)).answer('v1', { ARN: arnOf(name), Name: name })
      expect(await read).toBe('v1')
      await put.answer('v2')
      await isAsked('v2', ['AWSCURRENT'])
      await written
      expect([cache.peek(name)?.versionId, cache.peek(arn)?.versionId, moves]).toEqual(['v2', 'v2', ['v1→v2']])
    },
  )

  it('and answered after it, with an old version that the cache never saw, is read again', async () => {
    const written = putSecretValue(cache, name, 'v2')
    const put = await client.call(1)
    const read = cache.getSecretString(name)
    const load = await client.call(2)
    await put.answer('v2')
    await written
    await load.answer('v1')
    expect(cache.peek(name)?.versionId).toBe('v2')
    await clock.advance(5_000)
    if (client.sent.length > 2) await client.answerLast('v2')
    expect([await read, moves]).toEqual(['v2', []])
  })

  it('and answered first, with a version newer than what was written, stays', async () => {
    await holding('v1')
    const written = putSecretValue(cache, name, 'v2')
    const put = await client.call(2)
    const refreshed = cache.refreshNow(name)
    await (await client.call(3)).answer('v3')
    await refreshed
    await put.answer('v2')
    await isAsked('v2', ['AWSPREVIOUS'])
    expect((await written).versionId).toBe('v2')
    // Nobody can tell whether it is: it might be what was there before the write, too.
    const read = cache.getSecretString(name)
    await client.answerLast('v3')
    expect([await read, cache.peek(name)?.versionId, moves]).toEqual(['v3', 'v3', ['v1→v3']])
  })

  it('and answered first, with the version before, is read again where the write was overtaken', async () => {
    const written = putSecretValue(cache, name, 'v2')
    const put = await client.call(1)
    const read = cache.getSecretString(name)
    await (await client.call(2)).answer('v1')
    expect(await read).toBe('v1')
    await put.answer('v2')
    await isAsked('v2', ['AWSPREVIOUS'])
    await written
    const later = cache.getSecretString(name)
    await client.answerLast('v3')
    expect([await later, cache.peek(name)?.versionId, moves]).toEqual(['v3', 'v3', ['v1→v3']])
  })

  it('and answered after it, with a version newer than what was written, counts once that has lost its label', async () => {
    const written = putSecretValue(cache, name, 'v2')
    const put = await client.call(1)
    const read = cache.getSecretString(name)
    await client.call(2)
    await put.answer('v2')
    await written
    await client.answerLast('v3')
    await clock.advance(200)
    await client.answerLast('v3')
    await isAsked('v2', ['AWSPREVIOUS'])
    expect([await read, cache.peek(name)?.versionId, moves, client.sent.length]).toEqual(['v3', 'v3', ['v2→v3'], 4])
  })

  it('and answered first, whose version is judged by the one before the write, is read again after it', async () => {
    await holding('v1')
    const first = putSecretValue(cache, name, 'v2')
    await client.answerLast('v2')
    await first
    const written = putSecretValue(cache, name, 'v4')
    const put = await client.call(3)
    const refreshed = cache.refreshNow(name)
    await (await client.call(4)).answer('v3')
    const judging = await client.call(5)
    expect(judging.input).toEqual({ SecretId: name, VersionId: 'v2' })
    await put.answer('v4')
    await written
    await judging.answer('v2', { VersionStages: ['AWSPREVIOUS'] })
    expect([cache.peek(name)?.versionId, moves]).toEqual(['v4', ['v1→v2', 'v2→v4']])
    await clock.advance(200)
    await client.answerLast('v4')
    expect([(await refreshed).versionId, moves]).toEqual(['v4', ['v1→v2', 'v2→v4']])
  })

  it('since an event has told of the new version makes one change of both', async () => {
    await holding('v1')
    const written = putSecretValue(cache, name, 'v2')
    const put = await client.call(2)
    const refreshed = cache.refreshNow(name)
    await (await client.call(3)).answer('v2')
    await refreshed
    await put.answer('v2')
    expect((await written).versionId).toBe('v2')
    expect(moves).toEqual(['v1→v2'])
  })
})

describe('an old answer after the write', () => {
  it.each([
    ['another', 'v2'],
    ['the same', 'v1'],
  ])('is read again from the first pause on after a further write, if it is then %s', async (_, old) => {
    await holding('v1')
    const written = putSecretValue(cache, name, 'v2')
    await client.answerLast('v2')
    await written
    const refreshed = cache.refreshNow(name)
    for (const pauseMs of [200, 500, 1_000, 2_000]) {
      await client.answerLast('v1')
      if (pauseMs === 2_000) {
        const further = putSecretValue(cache, name, 'v3')
        await client.answerLast('v3')
        await further
      }
      await clock.advance(pauseMs)
    }
    await client.answerLast(old)
    expect([cache.peek(name)?.versionId, moves]).toEqual(['v3', ['v1→v2', 'v2→v3']])
    await clock.advance(200)
    await client.answerLast('v3')
    expect([(await refreshed).versionId, moves]).toEqual(['v3', ['v1→v2', 'v2→v3']])
  })

  it.each([
    ['that the cache held before', undefined],
    ['that the cache never saw', 'AWSCURRENT'],
    ['that the cache never saw, from a place where the new one is pending', 'AWSPENDING'],
  ])('of a version %s is read again before it counts', async (_, labelOfNew) => {
    const held = labelOfNew === undefined
    if (held) await holding('v1')
    const written = putSecretValue(cache, name, 'v2')
    await client.answerLast('v2')
    await written
    const refreshed = cache.refreshNow(name)
    await client.answerLast('v1')
    if (!held) await isAsked('v2', [labelOfNew])
    await clock.advance(200)
    await client.answerLast('v2')
    expect([(await refreshed).versionId, moves]).toEqual(['v2', held ? ['v1→v2'] : []])
  })

  it('counts if the service stays with it, whatever it says of what was written', async () => {
    const written = putSecretValue(cache, name, 'v2')
    await client.answerLast('v2')
    await written
    const refreshed = cache.refreshNow(name)
    for (const pauseMs of [200, 500, 1_000, 2_000]) {
      await client.answerLast('v1')
      await isAsked('v2', ['AWSCURRENT'])
      await clock.advance(pauseMs)
    }
    await client.answerLast('v1')
    expect([(await refreshed).versionId, cache.peek(name)?.versionId]).toEqual(['v1', 'v1'])
  })
})

describe('what a write leaves behind', () => {
  async function written(): Promise<void> {
    const write = putSecretValue(cache, name, 'v2')
    await client.answerLast('v2')
    await write
  }

  it('ends when another version has come: the next one counts at once', async () => {
    await written()
    const about = { arn: arnOf(name), name, label: 'AWSCURRENT', versionId: 'v3', atMs: clock.now() }
    const handled = cache.handleRotationEvent(labelEvent({ ...about, ...place }))
    await client.answerLast('v3')
    await handled
    const refreshed = cache.refreshNow(name)
    await client.answerLast('v4')
    expect((await refreshed).versionId).toBe('v4')
  })

  it('ends when the secret is forgotten', async () => {
    await written()
    cache.delete(name)
    const read = cache.getSecretString(name)
    await client.answerLast('v1')
    expect(await read).toBe('v1')
  })

  it('does not have what was written read again when a secret that is followed is forgotten', async () => {
    const heard: string[] = []
    cache.handle(name).on('rotated', ({ versionId }) => heard.push(versionId))
    await written()
    cache.delete(name)
    const read = cache.getSecretString(name)
    await client.answerLast('v2')
    await settled()
    expect([cache.peek(name)?.versionId, heard, client.sent.length]).toEqual(['v2', [], 2])
    expect(await read).toBe('v2')
  })
})

describe('invalidate during the write', () => {
  it.each([
    ['name', name],
    ['ARN', arnOf(name)],
  ])('by %s leaves the new version at hand, and has the service asked by the name whether it still is', async (_, id) => {
    await holding('v1')
    const written = putSecretValue(cache, id, 'v2')
    const put = await client.call(2)
    cache.invalidate(name)
    await put.answer('v2')
    await written
    expect(await cache.getSecretString(name)).toBe('v2')
    const asked = await client.call(3)
    expect(asked.input.SecretId).toBe(name)
    await asked.answer('v2')
    expect([cache.peek(name)?.versionId, moves, client.sent.length]).toEqual(['v2', ['v1→v2'], 3])
  })
})
