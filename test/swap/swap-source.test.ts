import { describe, expect, it } from 'vitest'
import { credentialsFrom, type ExpiringLogin } from '../../src/iam/index.js'
import { createSwap, type SwapEvent, type SwapSourceOptions } from '../../src/swap/index.js'
import { ManualClock } from '../../src/testing/index.js'
import { settled } from '../support/deferred-source.js'
import { rejectionOf } from '../support/rejection.js'

const minuteMs = 60_000
const refusal = Object.assign(new Error('401'), { code: 'REFUSED' })

class Client {
  drained = false
  readonly login: ExpiringLogin
  readonly #accepts: (login: ExpiringLogin) => boolean

  constructor(login: ExpiringLogin, accepts: (login: ExpiringLogin) => boolean) {
    this.login = login
    this.#accepts = accepts
  }

  /** Answers the id of the login that it was created with. */
  async call(): Promise<string> {
    if (this.drained) throw new Error('This client has been drained.')
    if (!this.#accepts(this.login)) throw refusal
    return this.login.id
  }
}

/** A swap over logins of a quarter of an hour, and a made-up server. */
function swapped(options: Partial<SwapSourceOptions<Client>> = {}) {
  const clock = new ManualClock()
  const rejects = new Set<string>()
  const issued: string[] = []
  const refreshed: string[] = []
  const get = async () => {
    issued.push(`token-${issued.length + 1}`)
    const id = String(issued.at(-1))
    return { id, username: 'app', password: `secret of ${id}`, loginUntil: clock.now() + 15 * minuteMs }
  }
  const refresh = ({ refused }: { refused: ExpiringLogin }) => {
    refreshed.push(refused.id)
    return get()
  }
  const credentials = credentialsFrom({ clock, get, refresh })
  const made: Client[] = []
  const events: SwapEvent[] = []
  const swap = createSwap<Client>({
    credentials,
    create(login) {
      const client = new Client(login, ({ id }) => !rejects.has(id))
      made.push(client)
      return client
    },
    verify: client => client.call(),
    drain(client) {
      client.drained = true
    },
    isAuthError: error => error === refusal,
    ...options,
  })
  for (const type of ['credentials', 'retired', 'window', 'refused'] as const) swap.on(type, event => events.push(event))
  const call = (): Promise<string> => swap.use(client => client.call())
  /** Until the next login is issued, which is at a random moment, and the swap has dealt with it. */
  const renew = async (): Promise<void> => {
    const { length } = issued
    while (issued.length === length) await clock.advance(1_000)
    await settled()
  }
  return { swap, clock, credentials, rejects, issued, refreshed, made, events, call, renew }
}

const told = (events: readonly SwapEvent[]): string[] => events.map(({ type, versionId }) => `${type} ${versionId}`)

describe('a swap of logins that end', () => {
  it('issues and creates nothing before the first work, and one client for all', async () => {
    const { clock, call, issued, made } = swapped()
    await clock.advance(60 * minuteMs)
    expect([issued, made]).toEqual([[], []])
    expect(new Set(await Promise.all(Array.from({ length: 20 }, call)))).toEqual(new Set(['token-1']))
    expect([issued.length, made.length]).toEqual([1, 1])
  })

  it('creates a client with what the source has issued', async () => {
    const { call, made, credentials } = swapped()
    await call()
    expect(made[0]?.login).toBe(credentials.current())
    expect(made[0]?.login).toMatchObject({ username: 'app', password: 'secret of token-1' })
  })

  it('replaces the client with each new login, though no work runs, and drains the one before', async () => {
    const { call, renew, made, events } = swapped()
    await call()
    await renew()
    await renew()
    expect(made.map(({ drained }) => drained)).toEqual([true, true, false])
    expect(await call()).toBe('token-3')
    expect(told(events)).toEqual([
      'credentials token-1',
      'credentials token-2',
      'retired token-1',
      'credentials token-3',
      'retired token-2',
    ])
    expect(events.every(event => event.secretId === undefined && !JSON.stringify(event).includes('secret of'))).toBe(true)
  })

  it('drains the client before once the work on it has ended', async () => {
    const { swap, call, renew, made, events } = swapped()
    let finish = (): void => {}
    const working = swap.use(async client => {
      await new Promise<void>(resolve => {
        finish = resolve
      })
      return client.call()
    })
    await settled()
    await renew()
    expect([await call(), made[0]?.drained]).toEqual(['token-2', false])
    finish()
    expect(await working).toBe('token-1')
    await settled()
    expect([made[0]?.drained, events.at(-1)]).toMatchObject([true, { type: 'retired', versionId: 'token-1', drained: true }])
  })

  it('verifies a new client before any work runs on it', async () => {
    let verify = (): void => {}
    const { call, renew, made } = swapped({
      verify: client =>
        client.login.id === 'token-1' ||
        new Promise<void>(resolve => {
          verify = resolve
        }),
    })
    await call()
    await renew()
    expect([made.length, await call()]).toEqual([2, 'token-1'])
    verify()
    await settled()
    expect([await call(), made.map(({ drained }) => drained)]).toEqual(['token-2', [true, false]])
  })

  it('leaves the client where a new login does not work, and takes over when it does', async () => {
    const { call, renew, clock, rejects, made, events } = swapped()
    await call()
    rejects.add('token-2').add('token-3')
    await renew()
    expect([await call(), made.map(({ drained }) => drained)]).toEqual(['token-1', [false, true, true]])
    expect(events.slice(-2)).toMatchObject([
      { type: 'refused', versionId: 'token-2', kind: 'refused' },
      { type: 'refused', versionId: 'token-3', kind: 'refused' },
    ])
    rejects.delete('token-3')
    await clock.advance(10_000)
    await settled()
    expect([await call(), made[0]?.drained]).toEqual(['token-4', true])
  })

  it('has a new token replaced that does not work, while the one before still does', async () => {
    const { call, renew, rejects, refreshed } = swapped()
    await call()
    rejects.add('token-2')
    await renew()
    expect([await call(), refreshed]).toEqual(['token-3', ['token-2']])
  })

  it('follows an issuer that has the same id for each login', async () => {
    const clock = new ManualClock()
    let number = 0
    const credentials = credentialsFrom({
      clock,
      async get() {
        number += 1
        return { id: 'role', username: 'app', password: `token ${number}`, loginUntil: clock.now() + 15 * minuteMs }
      },
    })
    const swap = createSwap({ credentials, create: login => login, verify: async () => {}, drain() {} })
    const call = (): Promise<string> => swap.use(async ({ password }) => password)
    expect(await call()).toBe('token 1')
    await clock.advance(12 * minuteMs)
    await settled()
    expect(await call()).toBe('token 2')
    await swap.close()
  })

  it('leaves the client where a new one cannot be created', async () => {
    let fails = false
    const { call, renew, made, events } = swapped({
      create(login) {
        if (fails) throw new Error('no')
        const client = new Client(login, () => true)
        made.push(client)
        return client
      },
    })
    await call()
    fails = true
    await renew()
    expect([await call(), made[0]?.drained, events.at(-1)?.type]).toEqual(['token-1', false, 'refused'])
  })

  it('runs work once more on a new login if the server rejects the one before, with one issued for all', async () => {
    const { call, rejects, made, issued, refreshed } = swapped()
    await call()
    rejects.add('token-1')
    expect(new Set(await Promise.all(Array.from({ length: 20 }, call)))).toEqual(new Set(['token-2']))
    expect([issued.length, refreshed, made.length]).toEqual([2, ['token-1'], 2])
  })

  it('keeps its client after the login has ended, until there is another', async () => {
    const { call, clock, made, credentials } = swapped()
    await call()
    clock.set(clock.now() + 60 * minuteMs)
    expect([credentials.current(), await call()]).toEqual([undefined, 'token-1'])
    await settled()
    expect([await call(), made.length]).toEqual(['token-2', 2])
  })

  it('leaves no timer once it is closed', async () => {
    const { swap, call, clock, made } = swapped()
    await call()
    await swap.close()
    expect([made[0]?.drained, clock.pending]).toEqual([true, 0])
    expect(await rejectionOf(call())).toMatchObject({ code: 'ERR_SECRET_CACHE_CLOSED', message: 'The swap is closed.' })
  })
})

it.each([
  ['a cache', { cache: {} }, 'takes either credentials or cache and secretId: cache'],
  ['a secret', { secretId: 'key' }, 'takes either credentials or cache and secretId: secretId'],
  ['tryPending', { tryPending: true }, 'tryPending has no meaning beside credentials.'],
  ['something that is no source', { credentials: { get() {} } }, 'credentials must be a source of logins'],
])('%s beside credentials is a TypeError', (_, options, message) => {
  expect(() => swapped(options as never)).toThrow(TypeError)
  expect(() => swapped(options as never)).toThrow(message)
})
