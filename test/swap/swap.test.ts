import { describe, expect, it, vi } from 'vitest'
import { isSecretCacheError, type Secret } from '../../src/index.js'
import { createSwap } from '../../src/swap/index.js'
import { settled } from '../support/deferred-source.js'
import { everythingVisibleIn } from '../support/doors.js'
import { rejectionOf } from '../support/rejection.js'
import { newSignal } from '../support/signal.js'
import { Client, outage, refusal, swapped } from './swapped.js'

const flags = (clients: readonly Client[]): boolean[] => clients.map(({ drained }) => drained)

describe('the first work', () => {
  it('has one client made for all who come at once, and nothing is read before', async () => {
    const { call, made, reads, events } = swapped()
    await settled()
    expect([made, reads()]).toEqual([[], []])
    expect(await Promise.all([call(), call(), call()])).toEqual(['one', 'one', 'one'])
    expect([made.length, reads()]).toEqual([1, ['AWSCURRENT']])
    expect(events).toMatchObject([{ type: 'credentials', secretId: 'key', pending: false }])
  })

  it('rejects with what the client was refused with, for all who came, and the next tries for itself', async () => {
    const { call, made, server } = swapped()
    server.down = true
    expect(await Promise.all([rejectionOf(call()), rejectionOf(call())])).toEqual([outage, outage])
    expect(flags(made)).toEqual([true])
    server.down = false
    expect(await call()).toBe('one')
  })

  it('works where nothing may be kept', async () => {
    const { call, made } = swapped({}, { cache: { ttlMs: 0, staleIfErrorMs: 0, staleWhileRevalidateMs: 0 } })
    expect([await call(), await call(), made.length]).toEqual(['one', 'one', 1])
  })

  it('with wrong credentials costs two proofs, then one after five seconds, half a minute and each minute, whoever comes', async () => {
    const { call, made, server, clock, reads } = swapped()
    server.keys.clear()
    expect(await Promise.all([rejectionOf(call()), rejectionOf(call())])).toEqual([refusal, refusal])
    expect(await rejectionOf(call())).toBe(refusal)
    expect([made.length, reads()]).toEqual([2, ['AWSCURRENT', 'AWSCURRENT']])
    for (const [i, pauseMs] of [5_000, 30_000, 60_000].entries()) {
      await clock.advance(pauseMs - 1)
      expect(await rejectionOf(call())).toBe(refusal)
      expect(made).toHaveLength(2 + i)
      await clock.advance(pauseMs / 4 + 1)
      expect(await Promise.all([rejectionOf(call()), rejectionOf(call())])).toEqual([refusal, refusal])
      expect(made).toHaveLength(3 + i)
    }
  })

  it('with wrong credentials goes well as soon as the secret has moved', async () => {
    const { call, server, rotate, events } = swapped()
    server.keys = new Set(['two'])
    expect(await rejectionOf(call())).toBe(refusal)
    await rotate('two')
    expect(await call()).toBe('two')
    expect(events.map(({ type }) => type)).toEqual(['refused', 'credentials'])
  })
})

describe('a move of the secret', () => {
  it('lets running work end on its client, which is drained then; new work runs on the new one', async () => {
    const { swap, call, made, server, rotate, events } = swapped()
    const goOn = newSignal()
    const long = swap.use(async client => {
      await goOn.happened
      return client.call()
    })
    await settled()
    server.keys.add('two')
    const versionId = await rotate('two')
    expect(await call()).toBe('two')
    expect(flags(made)).toEqual([false, false])
    goOn.happen()
    expect(await long).toBe('one')
    await settled()
    expect(flags(made)).toEqual([true, false])
    expect(events.slice(1)).toMatchObject([
      { type: 'credentials', versionId },
      { type: 'retired', drained: true },
    ])
  })

  it('makes no client before the first work', async () => {
    const { cache, made, rotate } = swapped()
    await cache.getSecret('key')
    await rotate('two')
    expect(made).toEqual([])
  })

  it('that nobody announces is noticed by the first work after the TTL, and nothing runs where no work does', async () => {
    const { call, server, rotate, clock, made } = swapped({}, { cache: { ttlMs: 60_000 } })
    await call()
    server.keys.add('two')
    await rotate('two', { announced: false })
    await clock.advance(3_600_000)
    expect([made.length, clock.pending]).toEqual([1, 0])
    await call()
    await settled()
    expect(await call()).toBe('two')
  })

  it('to a version that does not work leaves the client, is said once and tried six times, then once a minute', async () => {
    const { call, server, rotate, clock, made, events } = swapped()
    await call()
    await rotate('bad')
    await clock.advance(90_000)
    const before = made.length
    expect(before).toBeLessThanOrEqual(7)
    await clock.advance(600_000)
    expect(made.length - before).toBeGreaterThanOrEqual(7)
    expect(made.length - before).toBeLessThanOrEqual(10)
    expect(flags(made)).toEqual([false, ...Array(made.length - 1).fill(true)])
    expect(events.slice(1)).toMatchObject([{ type: 'refused', code: 'REFUSED' }])
    server.keys.add('two')
    await rotate('two')
    expect(await call()).toBe('two')
  })

  it('to a version that no client can be made of is told in words of ours', async () => {
    const create = (secret: Secret) => ({ key: secret.json<{ key: string }>().key })
    const { fake, cache, events } = swapped()
    const swap = createSwap({ cache, secretId: 'key', create, verify() {}, drain() {} })
    fake.put('key', '{"key": "one"}')
    await swap.use(() => {})
    swap.on('refused', event => events.push(event))
    await cache.handleRotationEvent(fake.rotate('key', 'no JSON'))
    await settled()
    expect(events.at(-1)).toMatchObject({ code: 'ERR_SECRET_FORMAT' })
    expect(await swap.use(({ key }) => key)).toBe('one')
  })

  it('during a proof leads to the version after that', async () => {
    const { call, server, rotate } = swapped()
    await call()
    server.keys.add('three')
    await Promise.all([rotate('bad'), rotate('three')])
    await settled()
    expect(await call()).toBe('three')
  })

  it('waits half a minute for a client that never answers, and drains what comes after all', async () => {
    const late = newSignal()
    let slow = false
    const scene = swapped({
      async create(secret) {
        const client = new Client(secret.text(), scene.server)
        scene.made.push(client)
        if (slow) await late.happened
        return client
      },
    })
    await scene.call()
    slow = true
    await scene.rotate('two')
    await scene.clock.advance(30_000)
    expect(scene.events.at(-1)).toMatchObject({ type: 'refused', code: undefined })
    expect(await scene.call()).toBe('one')
    late.happen()
    await settled()
    expect(flags(scene.made).slice(0, 2)).toEqual([false, true])
  })

  it('is told when work runs on the new client', async () => {
    const { swap, call, server, rotate } = swapped()
    await call()
    server.keys.add('two')
    const heard = new Promise(resolve => swap.on('credentials', () => resolve(call())))
    await rotate('two')
    expect(await heard).toBe('two')
  })

  it('is told also if the old client cannot be drained', async () => {
    const { call, server, rotate, events } = swapped({ drain: () => Promise.reject(new Error('stuck')) })
    await call()
    server.keys.add('two')
    await rotate('two')
    expect(events.at(-1)).toMatchObject({ type: 'retired', drained: false })
    expect(await call()).toBe('two')
  })
})

describe('a secret that the cache hands out no more', () => {
  it('ends nothing that works; the first work of a new swap fails with the error of the cache', async () => {
    const { swap, call, cache, fake, clock } = swapped({}, { cache: { ttlMs: 1_000, staleWhileRevalidateMs: 0 } })
    await call()
    fake.inject({ operation: 'GetSecretValue', error: 'AccessDeniedException' })
    for (let minute = 0; minute < 10; minute += 1) {
      await clock.advance(60_000)
      expect(await call()).toBe('one')
    }
    const other = createSwap({ cache, secretId: 'key', create: secret => secret.text(), verify: () => {}, drain: () => {} })
    const error = await rejectionOf(other.use(text => text))
    expect(isSecretCacheError(error) && error.code).toBe('ERR_SECRET_ACCESS_DENIED')
    expect(cache.peek('key')).toBeUndefined()
    await swap.close()
  })

  it('for want of room is never one that a swap follows', async () => {
    const { call, fake, cache, reads } = swapped({}, { cache: { maxEntries: 1 } })
    await call()
    fake.create('other', 'text')
    await cache.getSecretString('other')
    await cache.getSecretString('key')
    expect(reads()).toHaveLength(2)
  })
})

describe('the end of a swap', () => {
  it('waits for running work, drains the client, and takes no more work', async () => {
    const { swap, call, made } = swapped()
    const goOn = newSignal()
    const long = swap.use(client => goOn.happened.then(() => client.call()))
    await settled()
    const onClosed = vi.fn()
    const closed = swap.close().then(onClosed)
    expect(String(await rejectionOf(call()))).toContain('The swap of key is closed.')
    expect([onClosed.mock.calls.length, flags(made)]).toEqual([0, [false]])
    goOn.happen()
    expect(await long).toBe('one')
    await closed
    await swap[Symbol.asyncDispose]()
    expect(flags(made)).toEqual([true])
  })

  it.each(['create', 'verify'] as const)(
    'drains a client that is in the middle of %s, and rejects who waits for it',
    async step => {
      const goOn = newSignal()
      const scene = swapped({ [step]: () => goOn.happened.then(() => new Client('one', scene.server)), drain: () => drained() })
      const drained = vi.fn()
      const waiting = rejectionOf(scene.call())
      await settled()
      const closed = scene.swap.close()
      goOn.happen()
      await closed
      expect(String(await waiting)).toContain('closed')
      expect(drained).toHaveBeenCalledTimes(1)
    },
  )

  it('ends the pauses of a search, and lets go of the secret', async () => {
    const { swap, call, rotate, clock, made } = swapped()
    await call()
    await rotate('bad')
    await swap.close()
    const before = made.length
    await rotate('two')
    await clock.advance(600_000)
    expect([made.length, clock.pending]).toEqual([before, 0])
  })

  it('before the first work makes no client', async () => {
    const { swap, made } = swapped()
    await swap.close()
    expect(made).toEqual([])
  })
})

it('tells nothing of the secret', async () => {
  const planted = 'planted-7d1f'
  const { swap, call, rotate, server, events } = swapped({}, { secret: planted })
  server.keys = new Set([planted])
  const broken = Object.assign(new Error(`no route for ${planted}`), { cause: planted })
  await call()
  await rejectionOf(swap.use(() => Promise.reject(broken)))
  await rotate(`${planted}-bad`)
  server.keys.add(`${planted}-2`)
  await rotate(`${planted}-2`)
  await swap.close()
  expect(events.map(({ type }) => type)).toEqual(['credentials', 'refused', 'credentials', 'retired'])
  expect(everythingVisibleIn([swap, events])).not.toContain(planted)
})

it.each([
  ['nothing', undefined, 'createSwap'],
  ['no cache', { cache: undefined }, 'cache'],
  ['no secretId', { secretId: undefined }, 'id'],
  ['no create', { create: undefined }, 'create'],
  ['no verify', { verify: undefined }, 'verify'],
  ['a drain that is no function', { drain: true }, 'drain'],
  ['an isAuthError that is no function', { isAuthError: '401' }, 'isAuthError'],
  ['a tryPending that is neither true nor false', { tryPending: 1 }, 'tryPending'],
  ['a negative rotationWindowMs', { rotationWindowMs: -1 }, 'rotationWindowMs'],
  ['an unknown option', { retireSpreadMs: 1 }, 'retireSpreadMs'],
])('refuses %s', (_, wrong, named) => {
  const { cache } = swapped()
  const right = { cache, secretId: 'key', create: () => 1, verify() {}, drain() {} }
  const make = () => createSwap((wrong === undefined ? wrong : { ...right, ...wrong }) as never)
  expect(make).toThrow(named)
})

it('refuses work that is no function', async () => {
  const { swap } = swapped()
  expect(await rejectionOf(swap.use('select 1' as never))).toBeInstanceOf(TypeError)
})
