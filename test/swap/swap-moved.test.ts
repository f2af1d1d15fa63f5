import { describe, expect, it, vi } from 'vitest'
import { settled } from '../support/deferred-source.js'
import { rejectionOf } from '../support/rejection.js'
import { outage, refusal, type Swapped, swapped } from './swapped.js'

/** The server has moved from the address that the first version of the secret names, and nobody has announced it. */
async function moved(next = 'two', options?: Parameters<typeof swapped>[0]): Promise<Swapped> {
  const scene = swapped(options)
  const { call, server, rotate } = scene
  await call()
  server.keys.add('two')
  server.left.add('one')
  await rotate(next, { announced: false })
  return scene
}

describe('work that does not reach a server that has moved', () => {
  it('runs once more on the client of the new address: one read and one client for all', async () => {
    const { call, made, reads, events } = await moved()
    const warn = vi.spyOn(process, 'emitWarning')
    expect(new Set(await Promise.all(Array.from({ length: 30 }, call)))).toEqual(new Set(['two']))
    expect(warn).not.toHaveBeenCalled()
    expect([made.length, reads()]).toEqual([2, ['AWSCURRENT', 'AWSCURRENT']])
    expect(events.map(({ type }) => type)).toEqual(['credentials', 'credentials', 'retired'])
  })

  it('is known also where a driver has wrapped what it was told', async () => {
    const { swap } = await moved()
    const wrapped = Object.assign(new Error('no connection within 10 s'), { code: 'ER_GET_CONNECTION_TIMEOUT', cause: outage })
    const work = (): Promise<string> =>
      swap.use(client => client.call().catch(error => Promise.reject(error === outage ? wrapped : error)))
    expect(await work()).toBe('two')
  })

  it('fails with its own error where the new address works no better', async () => {
    const { call, events } = await moved('bad')
    expect(await Promise.all([rejectionOf(call()), rejectionOf(call())])).toEqual([outage, outage])
    expect(events.slice(1)).toMatchObject([{ type: 'refused', kind: 'refused' }])
  })

  it('costs one read in ten seconds while the secret stays as it is', async () => {
    const { call, server, made, reads, clock } = swapped()
    await call()
    server.down = true
    for (let second = 0; second < 20; second += 1) {
      expect(await Promise.all([rejectionOf(call()), rejectionOf(call())])).toEqual([outage, outage])
      await clock.advance(1_000)
    }
    expect([made.length, reads().length]).toEqual([1, 3])
    server.down = false
    expect(await call()).toBe('one')
  })

  it('fails as it did while the secret cannot be read', async () => {
    const { call, fake, clock } = await moved()
    fake.inject({ operation: 'GetSecretValue', error: 'AccessDeniedException' })
    expect(await rejectionOf(call())).toBe(outage)
    fake.recover()
    await clock.advance(10_000)
    expect(await call()).toBe('two')
  })

  it('is not repeated if it had been under way, but the next runs on the new client', async () => {
    const { swap, call } = await moved()
    for (const cut of [
      { code: 'ECONNRESET', syscall: 'read' },
      { code: 'EHOSTUNREACH', syscall: 'read' },
      { code: 'EPIPE', syscall: 'write' },
    ]) {
      const error = Object.assign(new Error('cut'), cut)
      let times = 0
      const cutOff = swap.use(() => {
        times += 1
        throw error
      })
      expect([await rejectionOf(cutOff), times]).toEqual([error, 1])
    }
    await settled()
    expect(await call()).toBe('two')
  })

  it('is told when the swap is closed meanwhile', async () => {
    let hangs = false
    const { call, swap } = await moved('two', { verify: client => (hangs ? new Promise(() => {}) : client.call()) })
    hangs = true
    const waiting = rejectionOf(call())
    await settled()
    void swap.close()
    expect(await waiting).toBe(outage)
  })
})

describe('the first work', () => {
  it('that does not reach its server has the secret read again, and a client made of what that has moved to', async () => {
    const { cache, call, server, rotate, made, reads } = swapped()
    await cache.getSecret('key')
    server.keys.add('two')
    server.left.add('one')
    await rotate('two', { announced: false })
    expect(await Promise.all([call(), call()])).toEqual(['two', 'two'])
    expect([made.length, reads()]).toEqual([2, ['AWSCURRENT', 'AWSCURRENT']])
  })

  it.each(['refused', 'not reached'])(
    'that does not reach its server fails as what the secret has moved to does: %s',
    async how => {
      const { cache, call, server, rotate, made } = swapped()
      await cache.getSecret('key')
      server.left.add('one')
      if (how === 'not reached') server.left.add('bad')
      await rotate('bad', { announced: false })
      const error = how === 'refused' ? refusal : outage
      expect(await Promise.all([rejectionOf(call()), rejectionOf(call())])).toEqual([error, error])
      expect(made.length).toBeLessThanOrEqual(3)
    },
  )

  it.each(['refused', 'not reached'])('after a move of the secret fails as the new version does: %s', async how => {
    const { call, server, rotate } = swapped()
    server.down = true
    expect(await rejectionOf(call())).toBe(outage)
    server.down = how !== 'refused'
    await rotate('bad')
    expect(await rejectionOf(call())).toBe(how === 'refused' ? refusal : outage)
  })
})
