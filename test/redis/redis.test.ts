import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { SecretCache } from '../../src/index.js'
import { createCredentialsProvider, type RedisEvent, type RedisUser } from '../../src/redis/index.js'
import { FakeSecretsManager, ManualClock } from '../../src/testing/index.js'
import { settled } from '../support/deferred-source.js'
import { rejectionOf } from '../support/rejection.js'

function provided() {
  const clock = new ManualClock()
  const fake = new FakeSecretsManager({ secrets: { redis: { username: 'app', password: 'one' } }, clock })
  const cache = new SecretCache({ client: fake.client(), clock, ttlMs: 86_400_000, ttlJitter: 0 })
  const provider = createCredentialsProvider({ cache, secretId: 'redis' })
  const events: RedisEvent[] = []
  for (const type of ['credentials', 'refused'] as const) provider.on(type, event => events.push(event))
  const rotate = async (fields: object): Promise<void> => {
    await cache.handleRotationEvent(fake.rotate('redis', { ...fields }))
    await settled()
  }
  /** Subscribes as a client does. */
  const subscribe = async () => {
    const got: RedisUser[] = []
    const [first, subscription] = await provider.subscribe({ onNext: user => got.push(user), onError() {} })
    return { first, got, subscription }
  }
  return { clock, fake, cache, provider, events, rotate, subscribe }
}

const refusal = new Error('Re-authentication with latest credentials failed: WRONGPASS invalid username-password pair.')

it('a subscriber gets the credentials of now, and those of each move', async () => {
  const { subscribe, rotate } = provided()
  const { first, got } = await subscribe()
  await rotate({ password: 'two' })
  await rotate({ username: 'app', password: 'three' })
  expect([first, ...got]).toEqual([
    { username: 'app', password: 'one' },
    { password: 'two' },
    { username: 'app', password: 'three' },
  ])
})

it('nothing is read before the first subscriber, and after the last the secret is followed no longer', async () => {
  const { subscribe, rotate, fake, events, clock } = provided()
  await settled()
  expect(fake.calls).toEqual([])
  const [one, other] = [await subscribe(), await subscribe()]
  one.subscription.dispose()
  await rotate({ password: 'two' })
  expect([one.got, other.got]).toEqual([[], [{ password: 'two' }]])
  other.subscription.dispose()
  other.subscription.dispose()
  await rotate({ password: 'three' })
  expect([other.got.length, events.length, clock.pending]).toEqual([1, 2, 0])
  expect((await subscribe()).first).toEqual({ password: 'three' })
})

it('a subscription that its subscriber has let go is gone: node-redis does not end the one of a lost connection', async () => {
  const { provider, rotate } = provided()
  const got: RedisUser[] = []
  const connect = async (): Promise<object> => (await provider.subscribe({ onNext: user => got.push(user), onError() {} }))[1]
  await connect()
  const kept = await connect()
  setFlagsFromString('--expose-gc')
  // What was used in this turn is kept until its end.
  await settled()
  runInNewContext('gc')()
  await rotate({ password: 'two' })
  expect([got, kept]).toEqual([[{ password: 'two' }], expect.anything()])
})

describe('new credentials that Redis refuses', () => {
  it('are told once, for all connections, and tried again by growing pauses', async () => {
    const { subscribe, rotate, provider, clock, events } = provided()
    const { got } = await subscribe()
    await rotate({ username: 'app', password: 'two' })
    for (let time = 0; time < 5; time += 1) {
      provider.onReAuthenticationError(refusal)
      provider.onReAuthenticationError(refusal)
      await clock.advance(30_000)
    }
    expect(got).toHaveLength(6)
    provider.onReAuthenticationError(refusal)
    await clock.advance(59_999)
    expect(got).toHaveLength(6)
    const refused = events.filter(({ type }) => type === 'refused')
    expect(refused).toMatchObject([{ code: 'WRONGPASS', secretId: 'redis' }])
  })

  it('are tried no longer when the secret has moved', async () => {
    const { subscribe, rotate, provider, clock } = provided()
    const { got } = await subscribe()
    await rotate({ password: 'two' })
    provider.onReAuthenticationError(refusal)
    await rotate({ password: 'three' })
    await clock.advance(600_000)
    expect(got.map(({ password }) => password)).toEqual(['two', 'three'])
  })

  it.each([
    ['Socket closed unexpectedly', []],
    ['The client is closed', []],
    ['WRONGPASS invalid username-password pair', ['refused']],
    ['ERR max number of clients reached', ['full']],
    ['ERR AUTH <password> called without any password configured', ['other']],
    ["ERR Can't execute 'auth': only (P|S)SUBSCRIBE / PING / QUIT are allowed in this context", []],
  ])('are told by what Redis said, and only if it said something: %s', async (words, kinds) => {
    const { subscribe, provider, events } = provided()
    await subscribe()
    provider.onReAuthenticationError(new Error(`Re-authentication with latest credentials failed: ${words}`))
    expect(events.flatMap(event => (event.type === 'refused' ? [event.kind] : []))).toEqual(kinds)
  })

  it('are not those that a connection was given before, and tries only now', async () => {
    const { provider, rotate, clock, events } = provided()
    // As node-redis does: the command waits for others on its connection.
    const answers: (() => void)[] = []
    const authenticate = (): Promise<void> => new Promise((_, reject) => answers.push(() => reject(refusal)))
    const subscribed = await provider.subscribe({
      onNext: () => void authenticate().catch(error => provider.onReAuthenticationError(error)),
      onError() {},
    })
    await rotate({ username: 'app', password: 'two' })
    await rotate({ username: 'app', password: 'three' })
    answers[0]?.()
    await settled()
    expect([events.map(({ type }) => type), clock.pending]).toEqual([Array(3).fill('credentials'), 0])
    answers[1]?.()
    await settled()
    expect([events.at(-1)?.type, clock.pending, subscribed.length]).toEqual(['refused', 1, 2])
  })
})

it('a connection that was lost is told nothing more: node-redis subscribes for the next one', async () => {
  const { provider, rotate } = provided()
  const told: string[] = []
  const connect = (name: string) =>
    provider.subscribe({
      onNext({ password }) {
        told.push(`${name} ${password}`)
        if (name === 'lost')
          Promise.reject(new Error('failed: Socket closed unexpectedly')).catch(provider.onReAuthenticationError)
      },
      onError() {},
    })
  const subscriptions = [await connect('lost'), await connect('next')]
  await rotate({ password: 'two' })
  await rotate({ password: 'three' })
  expect([told, subscriptions.length]).toEqual([['lost two', 'next two', 'next three'], 2])
})

it('credentials that cannot be used are told by field, and nobody is given them', async () => {
  const { subscribe, rotate, events } = provided()
  const { got } = await subscribe()
  await rotate({ username: '', password: 5 })
  expect(got).toEqual([])
  expect(events.at(-1)).toMatchObject({ type: 'refused', code: 'ERR_SECRET_SCHEMA', reason: expect.stringContaining('username') })
})

describe('a connection that follows soon upon another', () => {
  it('may be one that was refused: the secret is read again behind it, unless it was read just now', async () => {
    const { subscribe, fake, clock } = provided()
    await subscribe()
    await subscribe()
    expect(fake.count()).toBe(1)
    await clock.advance(5_000)
    fake.put('redis', { password: 'two' })
    const { first, got } = await subscribe()
    await settled()
    expect([first.password, got, fake.count()]).toEqual(['one', [{ password: 'two' }], 2])
    expect((await subscribe()).first).toEqual({ password: 'two' })
  })

  it('gets what is there, at once, while Secrets Manager hangs or fails', async () => {
    const { subscribe, fake, clock } = provided()
    await subscribe()
    await clock.advance(5_000)
    fake.inject({ hang: true })
    expect((await subscribe()).first).toMatchObject({ password: 'one' })
  })

  it('much later costs no read', async () => {
    const { subscribe, fake, clock } = provided()
    await subscribe()
    await clock.advance(60_000)
    await subscribe()
    expect(fake.count()).toBe(1)
  })

  it('costs a read after growing pauses, since nobody need have refused anything', async () => {
    const { subscribe, fake, clock } = provided()
    const kept: unknown[] = []
    for (let connection = 0; connection < 30; connection += 1) {
      kept.push(await subscribe())
      await clock.advance(6_000)
    }
    expect(fake.count()).toBeLessThanOrEqual(6)
    fake.put('redis', { password: 'two' })
    await clock.advance(60_000)
    kept.push(await subscribe(), await subscribe())
    await settled()
    expect((await subscribe()).first).toEqual({ password: 'two' })
  })
})

it('a secret that cannot be read rejects as the cache does', async () => {
  const { fake, subscribe } = provided()
  fake.inject({ error: 'AccessDeniedException' })
  expect(await rejectionOf(subscribe())).toMatchObject({ code: 'ERR_SECRET_ACCESS_DENIED' })
})

it.each([
  ['nothing', undefined, 'createCredentialsProvider'],
  ['no cache', { cache: {} }, 'cache'],
  ['no secretId', { secretId: undefined }, 'id'],
  ['an unknown option', { tryPending: true }, 'tryPending'],
])('refuses %s', (_, wrong, named) => {
  const right = { cache: new SecretCache({ client: new FakeSecretsManager().client() }), secretId: 'redis' }
  const make = () => createCredentialsProvider((wrong === undefined ? wrong : { ...right, ...wrong }) as never)
  expect(make).toThrow(named)
})
