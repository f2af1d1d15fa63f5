import { beforeEach, describe, expect, it } from 'vitest'
import { SecretCache, type SecretCacheOptions, type SecretHandle } from '../../../src/index.js'
import type { FakeVersion } from '../../../src/testing/index.js'
import { clock, fake, useFake } from '../../support/fake-cache.js'
import { labelMoved } from '../../support/rotation-events.js'

const id = 'prod/db'
const forms = ['name', 'ARN', 'partial ARN'] as const
type Form = (typeof forms)[number]

let first: FakeVersion
let again: FakeVersion
/** Every change that anybody was told of, such as `handle: one→two`. */
let heard: string[]

function cacheOf(options: SecretCacheOptions = {}): SecretCache {
  const cache = new SecretCache({ source: fake.source(), clock, ttlJitter: 0, ...options })
  follow(cache, 'cache')
  return cache
}

function follow(to: Pick<SecretHandle<unknown>, 'on'>, who: string): void {
  to.on('rotated', ({ previousVersionId, versionId }) =>
    heard.push(`${who}: ${labelOf(previousVersionId)}→${labelOf(versionId)}`),
  )
}

function labelOf(versionId: string): string {
  return versionId === first.versionId ? 'first' : versionId === again.versionId ? 'again' : 'another'
}

function idIn(form: Form, { arn, name }: FakeVersion): string {
  return { name, ARN: arn, 'partial ARN': arn.slice(0, -7) }[form]
}

/** A cache that has read the first secret in this form and then by name, with a handle that was there all the time. */
async function cacheThatFollows(form: Form, handleForm: Form, options?: SecretCacheOptions): Promise<SecretCache> {
  const cache = cacheOf(options)
  await cache.getSecretString(idIn(form, first))
  await cache.getSecretString(id)
  follow(cache.handle(idIn(handleForm, first)), 'handle')
  return cache
}

function makeAgain(): void {
  fake.perform('DeleteSecret', { SecretId: id, ForceDeleteWithoutRecovery: true })
  again = fake.create(id, 'new')
}

/** An event about the secret that was made again, as EventBridge brings it. */
function creation(): object {
  return labelMoved({ arn: again.arn, name: id, versionId: again.versionId, id: 'creation' })
}

useFake()

beforeEach(() => {
  first = fake.create(id, 'old')
  // None yet.
  again = { ...first, versionId: '' }
  heard = []
})

/** How the cache finds out that there is another secret of that name. */
const discoveries: [string, (cache: SecretCache) => Promise<unknown>][] = [
  ['a refresh by name', cache => cache.refreshNow(id)],
  ['a refresh by partial ARN', cache => cache.refreshNow(idIn('partial ARN', first))],
  [
    'a read after the TTL',
    async cache => {
      await clock.advance(400_000)
      await cache.getSecretString(id)
    },
  ],
  ['an event about the new one', async cache => cache.handleRotationEvent(creation())],
  [
    'a read of the new ARN by somebody else, and a refresh',
    async cache => {
      await cache.getSecretString(again.arn)
      await cache.refreshNow(id)
    },
  ],
  [
    'a read of the new ARN by somebody else, and an event',
    async cache => {
      await cache.getSecretString(again.arn)
      await cache.handleRotationEvent(creation())
    },
  ],
  [
    'a warm-up of the new ARN, and a read after the TTL',
    async cache => {
      await cache.warmup([again.arn])
      await clock.advance(400_000)
      await cache.getSecretString(id)
    },
  ],
]

describe('a secret that was deleted and made again under its name', () => {
  const table = discoveries.flatMap(([how, discover]) => forms.map(form => [how, form, discover] as const))
  it.each(table)('is found by %s, and its followers hear of it once (first read by %s)', async (_, form, discover) => {
    const cache = await cacheThatFollows(form, 'name')
    makeAgain()
    await discover(cache)
    await clock.advance(10_000)
    expect(await cache.getSecretString(id)).toBe('new')
    expect(await cache.getSecretString(again.arn)).toBe('new')
    expect(heard.toSorted()).toEqual(['cache: first→again', 'handle: first→again'])
  })

  it.each(table)(
    'is not what the ARN of the first leads to, once it was found by %s (first read by %s)',
    async (_, form, discover) => {
      const cache = await cacheThatFollows(form, 'name')
      await cache.getSecretString(first.arn)
      makeAgain()
      await discover(cache)
      await clock.advance(10_000)
      await expect(cache.refreshNow(first.arn)).rejects.toMatchObject({ code: 'ERR_SECRET_NOT_FOUND' })
      expect(await cache.getSecretString(id)).toBe('new')
    },
  )

  it('and found while the first was read by its ARN, leaves that read its answer', async () => {
    const cache = cacheOf({ allowedAccounts: [fake.accountId] })
    await cache.getSecretString(first.arn)
    cache.invalidate(first.arn)
    fake.inject({ delayMs: 1_000, times: 1 })
    const late = cache.getSecretString(first.arn)
    await clock.advance(100)
    makeAgain()
    await cache.refreshNow(id)
    expect(cache.peek(id)?.text()).toBe('new')
    await clock.advance(1_000)
    expect(await late.catch(error => error.code)).toMatch(/old|ERR_SECRET_NOT_FOUND/)
    expect(cache.peek(id)?.text()).toBe('new')
  })

  it('and found while a load of the first by its ARN fails, leaves that failure to the ARN', async () => {
    const cache = cacheOf({ allowedAccounts: [fake.accountId] })
    await cache.getSecretString(first.arn)
    cache.invalidate(first.arn)
    const errors: object[] = []
    cache.on('error', event => errors.push(event))
    fake.inject({ delayMs: 1_000, error: 'InternalServiceError', times: 1 })
    const late = cache.getSecretString(first.arn).catch(error => error.code)
    await clock.advance(100)
    makeAgain()
    await cache.refreshNow(id)
    await clock.advance(1_000)
    expect(await late).toBe('ERR_SECRET_UNAVAILABLE')
    expect(errors).toMatchObject([
      { secretId: first.arn, arn: undefined, versionStage: 'AWSCURRENT', error: { secretId: first.arn } },
    ])
    expect(cache.peek(id)?.text()).toBe('new')
  })

  it.each(forms)('is followed on by a handle of its partial ARN (first read by %s)', async form => {
    const cache = await cacheThatFollows(form, 'partial ARN')
    makeAgain()
    await cache.getSecretString(again.arn)
    await cache.refreshNow(id)
    await clock.advance(10_000)
    expect(heard.toSorted()).toEqual(['cache: first→again', 'handle: first→again'])
    heard = []
    fake.rotate(id, 'newer')
    await cache.refreshNow(id)
    expect(heard.toSorted()).toEqual(['cache: again→another', 'handle: again→another'])
  })

  it.each(['ARN', 'partial ARN'] as const)(
    'is found by its partial ARN beside a reader of its old ARN (first read by %s)',
    async form => {
      const cache = cacheOf()
      for (const each of [form, 'ARN', 'partial ARN'] as const) await cache.getSecretString(idIn(each, first))
      makeAgain()
      await clock.advance(400_000)
      let found: string | undefined
      for (let read = 0; read < 20; read += 1) {
        await cache.getSecretString(first.arn).catch(() => {})
        found = await cache.getSecretString(idIn('partial ARN', first)).catch(error => error.code)
        await clock.advance(10_000)
      }
      expect(found).toBe('new')
    },
  )

  it('is told of once also where it was first read by all forms at the same time', async () => {
    const cache = cacheOf()
    for (const form of forms) follow(cache.handle(idIn(form, first)), 'handle')
    await Promise.all(forms.map(form => cache.getSecretString(idIn(form, first))))
    fake.rotate(id, 'two')
    await cache.refreshNow(id)
    expect(heard.toSorted()).toEqual(['cache: first→another', ...forms.map(() => 'handle: first→another')])
  })

  it.each(['ARN', 'partial ARN'] as const)('is held from the first answer to its name on (first read by %s)', async form => {
    const cache = cacheOf()
    await cache.getSecretString(idIn(form, first))
    makeAgain()
    expect(await cache.getSecretString(id)).toBe('new')
    expect(heard).toEqual(['cache: first→again'])
    expect(cache.peek(id)?.text()).toBe('new')
    expect(await cache.getSecretString(again.arn)).toBe('new')
    expect(cache.stats()).toMatchObject({ loads: 2, entries: 1 })
  })

  it('and again, is told of each time', async () => {
    const cache = await cacheThatFollows('ARN', 'name')
    makeAgain()
    await cache.refreshNow(id)
    makeAgain()
    const { arn } = again
    await cache.getSecretString(arn)
    await clock.advance(61_000)
    await cache.refreshNow(id)
    expect(await cache.getSecretString(id)).toBe('new')
    expect(heard.filter(told => told.startsWith('handle'))).toHaveLength(2)
    expect(heard.filter(told => told.startsWith('cache'))).toHaveLength(2)
  })

  it('with a version of the same id, is told of all the same', async () => {
    const [oldArn, newArn] = ['OldOne', 'NewOne'].map(
      suffix => `arn:aws:secretsmanager:eu-west-1:123456789012:secret:${id}-${suffix}`,
    )
    let answer = { arn: String(oldArn), name: id, versionId: 'v1', versionStages: ['AWSCURRENT'], string: 'old' }
    const cache = cacheOf({ source: { get: async () => answer } })
    await cache.getSecretString(id)
    answer = { ...answer, arn: String(newArn), string: 'new' }
    await cache.refreshNow(id)
    expect(await cache.getSecretString(id)).toBe('new')
    expect(cache.peek(id)?.arn).toBe(newArn)
    expect(cache.stats().rotations).toBe(1)
  })
})
