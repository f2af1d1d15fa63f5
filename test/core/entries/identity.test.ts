import { beforeEach, describe, expect, it } from 'vitest'
import type { RotatedEvent, SecretCache } from '../../../src/index.js'
import type { FakeVersion } from '../../../src/testing/index.js'
import { cacheOf, clock, fake, useFake } from '../../support/fake-cache.js'

const id = 'prod/db'

let secret: FakeVersion

/** A cache that has read another secret by its plain name, and so knows which account plain names belong to. */
async function cacheThatKnowsItsAccount(): Promise<SecretCache> {
  const cache = cacheOf()
  await cache.getSecretString('other')
  fake.resetCalls()
  return cache
}

function formsOf({ arn, name }: FakeVersion): string[] {
  return [name, arn, arn.slice(0, -7)]
}

useFake()

beforeEach(() => {
  secret = fake.create(id, 'one')
  fake.create('other', 'other')
})

describe('name, partial ARN and full ARN', () => {
  it.each([0, 1, 2])('meet in one entry, whichever of them is read first (%i)', async first => {
    const cache = await cacheThatKnowsItsAccount()
    const forms = formsOf(secret)
    await cache.getSecretString(forms[first] ?? '')
    for (const form of forms) expect(await cache.getSecretString(form)).toBe('one')
    expect(fake.count()).toBe(1)
    expect(cache.stats().entries).toBe(2)
  })

  it('cost one more call per cache where an ARN is read before any answer has shown whose plain names are', async () => {
    const another = fake.create('another', 'another')
    const cache = cacheOf()
    for (const { arn, name } of [secret, another]) {
      await cache.getSecretString(arn)
      await cache.getSecretString(name)
    }
    expect(fake.calls.map(({ input }) => input.SecretId)).toEqual([secret.arn, id, another.arn])
    expect(cache.stats().entries).toBe(2)
  })

  it('cost no further call where one account is allowed', async () => {
    const cache = cacheOf({ allowedAccounts: ['123456789012'] })
    for (const form of formsOf(secret).reverse()) await cache.getSecretString(form)
    expect(fake.count()).toBe(1)
  })

  it('read at once are one call each, and one entry from then on', async () => {
    const cache = cacheOf()
    await Promise.all(formsOf(secret).map(form => cache.getSecretString(form)))
    expect(fake.count()).toBe(3)
    expect(cache.stats().entries).toBe(1)
    fake.rotate(id, 'two')
    cache.invalidate(secret.arn)
    for (const form of formsOf(secret)) expect(await cache.getSecretString(form)).toBe('two')
    expect(fake.count()).toBe(4)
  })

  it('are rotated, refreshed and deleted together', async () => {
    const cache = await cacheThatKnowsItsAccount()
    const [name = '', arn = '', partialArn = ''] = formsOf(secret)
    const heard: RotatedEvent[] = []
    cache.handle(partialArn).on('rotated', event => heard.push(event))
    await cache.getSecretString(name)
    fake.rotate(id, 'two')
    await cache.refreshNow(arn)
    expect(cache.peek(partialArn)?.text()).toBe('two')
    expect(heard).toMatchObject([{ secretId: name, arn, name }])
    cache.delete(partialArn)
    expect(cache.peek(name)).toBeUndefined()
  })

  it('find each other after a failed first read under one of them', async () => {
    const cache = await cacheThatKnowsItsAccount()
    fake.inject({ error: 'InternalServiceError', times: 1 })
    await cache.getSecretString(id).catch(() => undefined)
    await cache.getSecretString(secret.arn)
    expect(await cache.getSecretString(id)).toBe('one')
    expect(fake.count()).toBe(2)
    expect(cache.stats().entries).toBe(2)
  })

  it('are forgotten together, also those that turned out later to be of one secret', async () => {
    const cache = cacheOf()
    await Promise.all(formsOf(secret).map(form => cache.getSecretString(form)))
    cache.delete(id)
    fake.resetCalls()
    for (const form of formsOf(secret)) await cache.getSecretString(form)
    expect(fake.count()).toBe(1)
  })
})

describe('a refresh', () => {
  /** The id that a refresh of the secret's ARN sends after these reads. */
  async function idSent(...reads: string[]): Promise<unknown> {
    const cache = cacheOf()
    for (const readAs of reads) await cache.getSecretString(readAs)
    await cache.refreshNow(secret.arn)
    return fake.calls.at(-1)?.input.SecretId
  }

  it('asks by the name if any reader has used it: so a secret that is made again is found', async () => {
    expect(await idSent(id)).toBe(id)
    expect(await idSent('other', secret.arn, id)).toBe(id)
  })

  it('asks by the ARN if nobody has used the name', async () => {
    expect(await idSent('other', secret.arn)).toBe(secret.arn)
  })

  it('asks by an ARN if nobody has used the name, although several forms of it were read at once', async () => {
    const cache = cacheOf()
    await Promise.all([secret.arn, secret.arn.slice(0, -7)].map(form => cache.getSecretString(form)))
    await cache.refreshNow(secret.arn)
    expect(fake.calls.at(-1)?.input.SecretId).toBe(secret.arn)
  })

  it('asks by the name, too, if the read by it was what showed whose plain names are', async () => {
    expect(await idSent(secret.arn, id)).toBe(id)
  })
})

it('a name that itself ends like an ARN is not mistaken for another secret', async () => {
  const twin = fake.create(`${id}-AbCdEf`, 'twin')
  const cache = cacheOf()
  expect(await cache.getSecretString(id)).toBe('one')
  expect(await cache.getSecretString(`${id}-AbCdEf`)).toBe('twin')
  expect(await cache.getSecretString(twin.arn)).toBe('twin')
  expect(await cache.getSecretString(secret.arn)).toBe('one')
})

it('finds a secret that was deleted and made again under its name', async () => {
  const cache = cacheOf()
  await cache.getSecretString(secret.arn)
  await cache.getSecretString(id)
  fake.perform('DeleteSecret', { SecretId: id, ForceDeleteWithoutRecovery: true })
  const again = fake.create(id, 'new')
  cache.invalidate(id)
  expect(await cache.getSecretString(id)).toBe('new')
  expect(await cache.getSecretString(again.arn)).toBe('new')
  await expect(cache.getSecretString(secret.arn)).rejects.toMatchObject({ code: 'ERR_SECRET_NOT_FOUND' })
})

it('tells of a secret that was made again as of a rotation, to those who read it by its name', async () => {
  const cache = cacheOf()
  const rotated: RotatedEvent[] = []
  cache.on('rotated', event => rotated.push(event))
  await cache.getSecretString(id)
  fake.perform('DeleteSecret', { SecretId: id, ForceDeleteWithoutRecovery: true })
  const { arn } = fake.create(id, 'new')
  await cache.refreshNow(id)
  expect(rotated).toMatchObject([{ secretId: id, arn }])
})

it('knows a secret that was made again by its name, too, after it was read by its new ARN', async () => {
  const cache = cacheOf()
  await cache.getSecretString(id)
  fake.perform('DeleteSecret', { SecretId: id, ForceDeleteWithoutRecovery: true })
  await cache.getSecretString(fake.create(id, 'new').arn)
  await cache.refreshNow(id)
  expect(cache.peek(id)?.text()).toBe('new')
  expect(cache.stats().entries).toBe(1)
})

it('takes a secret that was made again for another one, even if its version has the same id', async () => {
  const answers = [
    { arn: secret.arn, string: 'one' },
    { arn: `${secret.arn.slice(0, -6)}FeDcBa`, string: 'new' },
  ]
  const cache = cacheOf({
    source: {
      get: async () => ({ name: id, versionId: 'v', versionStages: ['AWSCURRENT'], ...(answers.shift() as { arn: string }) }),
    },
  })
  await cache.getSecretString(id)
  expect((await cache.refreshNow(id)).text()).toBe('new')
})

describe('stages and versions', () => {
  it('AWSCURRENT named or left out is one entry', async () => {
    const cache = cacheOf()
    await cache.getSecretString(id)
    await cache.getSecretString(id, { versionStage: 'AWSCURRENT' })
    expect(fake.count()).toBe(1)
    expect(fake.calls[0]?.input).toMatchObject({ VersionStage: 'AWSCURRENT' })
  })

  it('a version tells all its labels', async () => {
    fake.rotate(id, 'two')
    fake.put(id, 'three', { versionStages: ['AWSCURRENT', 'green'] })
    expect((await cacheOf().getSecret(id)).versionStages).toEqual(['AWSCURRENT', 'green'])
  })

  it('a read of another stage never answers a plain one', async () => {
    fake.put(id, 'pending', { versionStages: ['AWSPENDING'] })
    const cache = cacheOf()
    expect(await cache.getSecretString(id, { versionStage: 'AWSPENDING' })).toBe('pending')
    expect(await cache.getSecretString(id)).toBe('one')
    expect(cache.peek(id, { versionStage: 'AWSPENDING' })?.text()).toBe('pending')
  })

  it('a version read by its id expires like any other, and its reload brings no event and the same object', async () => {
    const cache = cacheOf()
    const events: unknown[] = []
    cache.on('rotated', event => events.push(event))
    const { versionId } = secret
    fake.rotate(id, 'two')
    const before = await cache.getSecret(id, { versionId })
    await clock.advance(400_000)
    expect(await cache.getSecret(id, { versionId })).toBe(before)
    expect(before.versionStages).toEqual(['AWSPREVIOUS'])
    expect(fake.count()).toBe(2)
    expect(events).toEqual([])
  })

  it('a version read by its id stays fresh when another becomes current', async () => {
    const cache = cacheOf()
    const { versionId } = await cache.getSecret(id)
    await cache.getSecret(id, { versionId })
    fake.rotate(id, 'two')
    await cache.refreshNow(id)
    fake.resetCalls()
    expect(await cache.getSecretString(id, { versionId })).toBe('one')
    expect(fake.count()).toBe(0)
  })

  it('one that has to go takes none of the others with it', async () => {
    fake.rotate(id, 'two')
    const cache = cacheOf({ maxEntries: 3 })
    const { versionId } = secret
    const selectors = [{ versionStage: 'AWSPREVIOUS' }, { versionStage: 'AWSCURRENT' }, { versionId }]
    for (const selector of selectors) await cache.getSecretString(id, selector)
    await cache.getSecretString('other')
    fake.resetCalls()
    for (const selector of selectors.slice(1)) await cache.getSecretString(id, selector)
    expect(fake.count()).toBe(0)
  })

  it('a stage that does not exist is ERR_SECRET_VERSION and does not stand in the way of the current one', async () => {
    const cache = cacheOf()
    await expect(cache.getSecretString(id, { versionStage: 'AWSPREVIOUS' })).rejects.toMatchObject({ code: 'ERR_SECRET_VERSION' })
    expect(await cache.getSecretString(id)).toBe('one')
  })

  it('a stage and a version that disagree are refused, and nothing is kept', async () => {
    const cache = cacheOf()
    const { versionId } = secret
    fake.rotate(id, 'two')
    const options = { versionId, versionStage: 'AWSCURRENT' }
    await expect(cache.getSecretString(id, options)).rejects.toMatchObject({ name: 'SecretCacheError' })
    expect(cache.peek(id, options)).toBeUndefined()
    expect(await cache.getSecretString(id, { versionId })).toBe('one')
  })
})

it.each(['', 7, null, undefined, 'x'.repeat(2_049), 'arn:aws:s3:::bucket', 'arn:aws:secretsmanager:eu-west-1:1:secret:x'])(
  'an id that can be none is refused without a call: %s',
  async secretId => {
    const cache = cacheOf()
    await expect(cache.getSecretString(secretId as string)).rejects.toMatchObject({ code: 'ERR_SECRET_REQUEST' })
    expect(() => cache.invalidate(secretId as string)).toThrow()
    expect(fake.count()).toBe(0)
  },
)

it.each(['a/b_c+d=e.f@g-h', 'prod/db-AbCdEf'])('reads a secret called %s, and 65,536 bytes come back as they are', async name => {
  const bytes = Buffer.alloc(65_536, 'ä')
  fake.create(name, bytes)
  const cache = cacheOf()
  const read = await cache.getSecretBinary(name)
  expect(read.equals(bytes)).toBe(true)
  read.fill(0)
  expect((await cache.getSecretBinary(name)).equals(bytes)).toBe(true)
  await expect(cache.getSecretString(name)).rejects.toMatchObject({
    code: 'ERR_SECRET_FORMAT',
    message: expect.stringContaining(`The secret ${name} is binary, not text.`),
    hint: expect.stringContaining('getSecretBinary'),
  })
  await expect(cache.getSecretBinary(id)).rejects.toMatchObject({
    code: 'ERR_SECRET_FORMAT',
    message: expect.stringContaining(`The secret ${id} is text, not binary.`),
    hint: expect.stringContaining('getSecretString'),
  })
})
