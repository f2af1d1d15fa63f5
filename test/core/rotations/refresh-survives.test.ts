import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { SecretCache } from '../../../src/index.js'
import type { FakeVersion } from '../../../src/testing/index.js'
import { DeferredSource, settled } from '../../support/deferred-source.js'
import { cacheOf, clock, fake, useFake } from '../../support/fake-cache.js'
import { callEvent } from '../../support/rotation-events.js'

const id = 'prod/db'
const forms = ['name', 'ARN', 'partial ARN'] as const
type Form = (typeof forms)[number]

let secret: FakeVersion

function idIn(form: Form, { arn, name }: FakeVersion = secret): string {
  return { name, ARN: arn, 'partial ARN': arn.slice(0, -7) }[form]
}

/** The next reads are answered with what was current before the label moved. */
function answerOld(times: number): void {
  fake.inject({ operation: 'GetSecretValue', secretId: id, answer: 'old', times })
}

/** What CloudTrail tells of a write by the secret's name; it names no version. */
function writeByName(eventId: string): Record<string, unknown> {
  return { ...callEvent('UpdateSecret', { secretId: id }), account: fake.accountId, region: fake.region, id: eventId }
}

/** Has the secret read, however long that takes. */
async function readBehind(cache: SecretCache, secretId: string): Promise<void> {
  cache.getSecretString(secretId).catch(() => {})
  await clock.advance(20)
}

/** Deletes the secret and makes another one of its name. */
function makeAgain(value: string): FakeVersion {
  fake.perform('DeleteSecret', { SecretId: id, ForceDeleteWithoutRecovery: true })
  return fake.create(id, value)
}

/** Ways in which what is known of a secret goes while an event about it is dealt with, each followed by a read. */
const losses: [string, (cache: SecretCache, readAs: string) => Promise<unknown>][] = [
  [
    'deleted and read again',
    async (cache, readAs) => {
      cache.delete(readAs)
      await readBehind(cache, readAs)
    },
  ],
  [
    'evicted and read again',
    async (cache, readAs) => {
      await cache.getSecretString('other')
      await readBehind(cache, readAs)
    },
  ],
  [
    'deleted, read again, and again',
    async (cache, readAs) => {
      for (let time = 0; time < 2; time += 1) {
        cache.delete(readAs)
        await readBehind(cache, readAs)
      }
    },
  ],
]

const table = losses.flatMap(([how, lose]) => forms.map(form => [how, form, lose] as const))

useFake({ other: 'other' })

beforeEach(() => {
  secret = fake.create(id, 'one')
})

afterEach(() => vi.restoreAllMocks())

describe('a secret that an event is about', () => {
  it.each(table)('and that is %s during the re-reads is refreshed all the same (%s)', async (_, form, lose) => {
    const cache = cacheOf({ maxEntries: 1 })
    const readAs = idIn(form)
    await cache.getSecretString(readAs)
    const event = fake.rotate(id, 'two')
    answerOld(5)
    const handled = cache.handleRotationEvent(event)
    await clock.advance(300)
    await lose(cache, readAs)
    await clock.advance(30_000)
    expect(await cache.getSecretString(readAs)).toBe('two')
    expect(await handled).toMatchObject([{ outcome: 'refreshed', versionId: event.detail.versionId }])
  })

  it.each(table)('and that is %s before its moment in the spread is refreshed all the same (%s)', async (_, form, lose) => {
    // The moment is at the end of the spread.
    vi.spyOn(Math, 'random').mockReturnValue(0.9)
    const cache = cacheOf({ maxEntries: 1, refreshSpreadMs: 10_000 })
    const readAs = idIn(form)
    await cache.getSecretString(readAs)
    const event = fake.rotate(id, 'two')
    answerOld(2)
    expect(await cache.handleRotationEvent(event)).toMatchObject([{ outcome: 'scheduled' }])
    await clock.advance(100)
    await lose(cache, readAs)
    await clock.advance(30_000)
    expect(await cache.getSecretString(readAs)).toBe('two')
  })

  it('and that is invalidated and read again during the re-reads is refreshed all the same', async () => {
    const cache = cacheOf()
    await cache.getSecretString(id)
    const event = fake.rotate(id, 'two')
    answerOld(5)
    const handled = cache.handleRotationEvent(event)
    await clock.advance(300)
    cache.invalidate(id)
    await readBehind(cache, id)
    await clock.advance(30_000)
    expect(await cache.getSecretString(id)).toBe('two')
    expect(await handled).toMatchObject([{ outcome: 'refreshed' }])
  })
})

describe('an event about a secret that is first loaded under several ids', () => {
  it.each([0, 10_000])('reaches it after they have turned out to be one (refreshSpreadMs %i)', async refreshSpreadMs => {
    vi.spyOn(Math, 'random').mockReturnValue(0.9)
    const cache = cacheOf({ refreshSpreadMs })
    fake.inject({ operation: 'GetSecretValue', delayMs: 500, times: 1 })
    const byName = cache.getSecretString(id)
    await clock.advance(10)
    const handled = cache.handleRotationEvent(writeByName('first'))
    await clock.advance(0)
    await Promise.all([cache.getSecretString(idIn('ARN')), cache.getSecretString(idIn('partial ARN'))])
    await clock.advance(600)
    await byName
    fake.rotate(id, 'two')
    await clock.advance(30_000)
    await handled
    // Without a spread the event was dealt with before the label moved: a second one tells of it.
    if (refreshSpreadMs === 0) await cache.handleRotationEvent(writeByName('second'))
    for (const form of forms) expect(await cache.getSecretString(idIn(form))).toBe('two')
  })
})

it('an event leaves alone what was loaded after it, by an id that turns out later to be of the same secret', async () => {
  const source = new DeferredSource()
  const cache = cacheOf({ source })
  const failed = cache.getSecretString('secret').catch(error => error.code)
  await (await source.request(1)).fail(Object.assign(new Error('none'), { name: 'ResourceNotFoundException' }))
  expect(await failed).toBe('ERR_SECRET_NOT_FOUND')
  const handled = cache.handleRotationEvent(callEvent('UpdateSecret', { secretId: 'secret' }))
  const refresh = await source.request(2)
  const read = cache.getSecretString('arn:aws:secretsmanager:eu-west-1:123456789012:secret:secret-AbCdEf')
  await (await source.request(3)).answer('v1')
  await read
  await refresh.answer('v1')
  await handled
  expect(await cache.getSecretString('secret')).toBe('v1')
  await settled()
  expect(source.sent).toHaveLength(3)
})

describe('an event about a secret that was deleted and made again meanwhile', () => {
  it('reaches the new one within a spread, after what was known of it was merged twice', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.9)
    const cache = cacheOf({ refreshSpreadMs: 60_000 })
    fake.inject({ operation: 'GetSecretValue', delayMs: 100, times: 1 })
    const byName = cache.getSecretString(id)
    await clock.advance(10)
    expect(await cache.handleRotationEvent(writeByName('a'))).toMatchObject([{ outcome: 'scheduled' }])
    await cache.getSecretString(secret.arn)
    await clock.advance(200)
    await byName
    const again = makeAgain('new')
    await cache.refreshNow(id)
    expect(await cache.getSecretString(again.arn)).toBe('new')
    fake.rotate(id, 'newer')
    await clock.advance(70_000)
    expect(await cache.getSecretString(id)).toBe('newer')
    expect(await cache.getSecretString(again.arn)).toBe('newer')
  })

  it('reaches the new one within a spread, where somebody read that by its ARN first', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.9)
    const cache = cacheOf({ refreshSpreadMs: 60_000 })
    await cache.getSecretString(id)
    expect(await cache.handleRotationEvent(writeByName('a'))).toMatchObject([{ outcome: 'scheduled' }])
    const again = makeAgain('new')
    await cache.getSecretString(again.arn)
    await cache.refreshNow(id)
    fake.rotate(id, 'newer')
    await clock.advance(70_000)
    expect(await cache.getSecretString(id)).toBe('newer')
    expect(await cache.getSecretString(again.arn)).toBe('newer')
  })

  it('reaches the new one during its re-reads', async () => {
    const cache = cacheOf()
    await cache.getSecretString(id)
    fake.rotate(id, 'two')
    answerOld(2)
    const handled = cache.handleRotationEvent(writeByName('a'))
    await clock.advance(300)
    const again = makeAgain('new')
    await cache.getSecretString(again.arn)
    await clock.advance(30_000)
    expect(await handled).toMatchObject([{ outcome: 'refreshed' }])
    expect(await cache.getSecretString(id)).toBe('new')
  })
})
