import { describe, expect, it, onTestFinished } from 'vitest'
import { putSecretValue } from '../../src/admin/index.js'
import { SecretCache } from '../../src/index.js'
import { routedSource, ssmSource } from '../../src/ssm/index.js'
import { FakeParameterStore, FakeSecretsManager, ManualClock } from '../../src/testing/index.js'
import { rejectionOf } from '../support/rejection.js'

function routed() {
  const clock = new ManualClock()
  const fake = new FakeSecretsManager({
    clock,
    secrets: { 'prod/db': '{"password":"one"}', foo: 'a secret', '/slash': 'secret too' },
  })
  const store = new FakeParameterStore({ clock, secrets: fake, parameters: { '/app/level': 'info', foo: 'a parameter' } })
  const source = routedSource({ secrets: fake.client(), parameters: ssmSource({ client: store.client(), clock }) })
  const cache = new SecretCache({ source, clock })
  onTestFinished(() => cache.close())
  return { cache, clock, fake, store }
}

describe('one cache of secrets and parameters', () => {
  it('reads each where it belongs', async () => {
    const { cache, fake } = routed()
    expect(await cache.getSecretJson('prod/db')).toEqual({ password: 'one' })
    expect(await cache.getSecretString('/app/level')).toBe('info')
    expect(await cache.getSecretString('foo')).toBe('a secret')
    expect(await cache.getSecretString('/foo')).toBe('a parameter')
    expect(await cache.getSecretString('arn:aws:ssm:eu-west-1:123456789012:parameter/foo')).toBe('a parameter')
    const slash = fake.perform('DescribeSecret', { SecretId: '/slash' }).ARN as string
    expect(await cache.getSecretString(slash)).toBe('secret too')
    expect(await cache.getSecretString('foo')).toBe('a secret')
    expect(cache.stats().entries).toBe(5)
  })

  it('hears the events of both, and resolves references to both in one text', async () => {
    const { cache, fake, store } = routed()
    const events: unknown[] = []
    store.onEvent(event => events.push(event))
    const text = '{{resolve:secretsmanager:prod/db:SecretString:password}}@{{resolve:ssm:/app/level}}'
    expect(await cache.resolve(text)).toBe('one@info')
    store.put('/app/level', 'debug')
    expect(await cache.handleRotationEvent(events[0])).toMatchObject([{ outcome: 'refreshed', secretId: '/app/level' }])
    expect(await cache.handleRotationEvent(fake.rotate('prod/db', { password: 'two' }))).toMatchObject([{ outcome: 'refreshed' }])
    expect(await cache.resolve(text)).toBe('two@debug')
  })

  it('warms up both, and what one of them refuses costs the other nothing', async () => {
    const { cache, store } = routed()
    store.inject({ operation: 'GetParameters', error: 'AccessDeniedException' })
    const ids = ['prod/db', 'foo', '/app/level', '/foo', '/missing', 'missing']
    const report = await cache.warmup(ids)
    expect(report.map(({ outcome }) => outcome)).toEqual(['loaded', 'loaded', 'loaded', 'loaded', 'failed', 'failed'])
  })

  it('is unaffected in one part by an outage of the other', async () => {
    const { cache, fake } = routed()
    fake.inject({ error: 'ServiceUnavailableException', status: 503 })
    expect(await cache.getSecretString('/app/level')).toBe('info')
    const report = await cache.warmup(['/foo', '/app/level', 'prod/db', 'foo', 'x', 'y'])
    expect(report.map(({ outcome }) => outcome)).toEqual(['loaded', 'cached', 'failed', 'failed', 'failed', 'failed'])
  })

  it('reads a secret by the reference of Parameter Store as the secret that it is', async () => {
    const { cache, fake } = routed()
    const reference = '/aws/reference/secretsmanager/prod/db'
    expect(await cache.getSecretJson(reference)).toEqual({ password: 'one' })
    expect(await cache.getSecretJson('prod/db')).toEqual({ password: 'one' })
    expect((await cache.getSecret(reference)).versionId).toBe((await cache.getSecret('prod/db')).versionId)
    await cache.handleRotationEvent(fake.rotate('prod/db', { password: 'two' }))
    expect([await cache.getSecretJson(reference), await cache.getSecretJson('prod/db')]).toEqual([
      { password: 'two' },
      { password: 'two' },
    ])
    expect(await cache.getSecretJson(reference, { versionStage: 'AWSPREVIOUS' })).toEqual({ password: 'one' })
  })

  it('writes secrets', async () => {
    const { cache } = routed()
    await cache.getSecretString('foo')
    await putSecretValue(cache, 'foo', 'written')
    expect(await cache.getSecretString('foo')).toBe('written')
  })
})

describe('a secret and a parameter of the same name', () => {
  /** The ids of both, of which the first is of the parameter. */
  const both = async () => {
    const made = routed()
    made.store.put('/slash', 'a parameter')
    const arn = made.fake.perform('DescribeSecret', { SecretId: '/slash' }).ARN as string
    const told: unknown[] = []
    made.store.onEvent(event => told.push(event))
    return { ...made, arn, partialArn: arn.slice(0, -7), told }
  }

  it.each([
    ['the parameter first', [0, 1, 2]],
    ['the full ARN first', [1, 2, 0]],
    ['the partial ARN first', [2, 0, 1]],
  ])('are read apart in turn: %s', async (_, order) => {
    const { cache, arn, partialArn } = await both()
    const ids = ['/slash', arn, partialArn]
    const read: string[] = []
    for (const n of order) read[n] = await cache.getSecretString(ids[n] as string)
    expect(read).toEqual(['a parameter', 'secret too', 'secret too'])
  })

  it('are read apart at the same time, and by a warm-up', async () => {
    const { cache, arn } = await both()
    expect(await Promise.all([cache.getSecretString('/slash'), cache.getSecretString(arn)])).toEqual([
      'a parameter',
      'secret too',
    ])
    const other = await both()
    await other.cache.warmup(['/slash', other.arn, 'prod/db', 'foo', '/foo', '/app/level'])
    expect([other.cache.peek('/slash')?.text(), other.cache.peek(other.arn)?.text()]).toEqual(['a parameter', 'secret too'])
  })

  it('have events of their own', async () => {
    const { cache, fake, store, arn, told } = await both()
    const rotated: unknown[] = []
    cache.handle(arn).on('rotated', ({ versionId }) => rotated.push(versionId))
    await cache.getSecretString('/slash')
    await cache.getSecretString(arn)
    store.put('/slash', 'changed')
    expect(await cache.handleRotationEvent(told[0])).toMatchObject([{ outcome: 'refreshed', secretId: '/slash' }])
    expect([await cache.getSecretString('/slash'), await cache.getSecretString(arn), rotated]).toEqual([
      'changed',
      'secret too',
      [],
    ])
    const event = fake.rotate('/slash', 'rotated')
    expect(await cache.handleRotationEvent(event)).toMatchObject([{ outcome: 'refreshed', versionId: event.detail.versionId }])
    expect([await cache.getSecretString('/slash'), await cache.getSecretString(arn)]).toEqual(['changed', 'rotated'])
  })

  it('without a slash have events of their own, and references of their own', async () => {
    const { cache, store } = routed()
    const told: unknown[] = []
    store.onEvent(event => told.push(event))
    await cache.getSecretString('foo')
    await cache.getSecretString('/foo')
    store.put('foo', 'changed')
    expect(await cache.handleRotationEvent(told[0])).toMatchObject([{ outcome: 'refreshed', secretId: '/foo', versionId: '2' }])
    expect(await cache.resolve('{{resolve:ssm:foo}} {{resolve:secretsmanager:foo}}')).toBe('changed a secret')
  })
})

it('both sources are closed though one of them throws', async () => {
  let closed = false
  const get = async () => ({}) as never
  const failing = {
    get,
    close: () => {
      throw new Error('no')
    },
  }
  const other = {
    get,
    close: () => {
      closed = true
    },
  }
  const cache = new SecretCache({ source: routedSource({ secrets: failing, parameters: other }) })
  expect(await rejectionOf(cache.close())).toMatchObject({ code: 'ERR_SECRET_UNAVAILABLE' })
  expect(closed).toBe(true)
})

it('what is neither a source nor a client is refused', () => {
  expect(() => routedSource({ parameters: {} as never })).toThrow(
    'parameters must be a SecretSource or a client of the AWS SDK v3',
  )
  expect(() => routedSource({ secret: {} } as never)).toThrow('Did you mean "secrets"?')
})

it('a source of its own that fails to close is heard of', async () => {
  const source = { get: async () => ({}) as never, close: () => Promise.reject(new Error('no')) }
  const cache = new SecretCache({ source: routedSource({ parameters: source, secrets: new FakeSecretsManager().client() }) })
  expect(await rejectionOf(cache.close())).toMatchObject({ code: 'ERR_SECRET_UNAVAILABLE' })
})

it('the events that its sources notice by themselves reach the cache', async () => {
  const fake = new FakeSecretsManager({ secrets: { foo: 'one' } })
  const listeners: ((event: unknown) => void)[] = []
  const secrets = { ...fake.source(), subscribe: (onEvent: (event: unknown) => void) => void listeners.push(onEvent) }
  const cache = new SecretCache({ source: routedSource({ secrets, parameters: new FakeParameterStore().client() }) })
  const handle = cache.handle('foo')
  await cache.getSecretString('foo')
  const rotated = new Promise<string>(resolve => handle.on('rotated', ({ versionId }) => resolve(versionId)))
  const event = fake.rotate('foo', 'two')
  for (const tell of listeners) tell(event)
  expect([listeners.length, await rotated, await cache.getSecretString('foo')]).toEqual([1, event.detail.versionId, 'two'])
  await cache.close()
})
