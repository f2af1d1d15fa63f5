import { beforeEach, describe, expect, it, vi } from 'vitest'
import { type RotatedEvent, SecretCache } from '../../../src/index.js'
import { FakeSecretsManager, ManualClock } from '../../../src/testing/index.js'

const id = 'prod/key'

let fake: FakeSecretsManager
let cache: SecretCache

/** Moves the secret to another version, which the cache notices. */
async function rotate(): Promise<void> {
  fake.rotate(id)
  await cache.refreshNow(id)
}

beforeEach(async () => {
  const clock = new ManualClock()
  fake = new FakeSecretsManager({ clock, secrets: { [id]: 'one', other: 'other' } })
  cache = new SecretCache({ source: fake.source(), clock, maxEntries: 1 })
  await cache.getSecretString(id)
})

type On = (listener: (event: RotatedEvent) => void, options?: object) => Disposable & (() => void)

const places: [string, On][] = [
  ['the cache', (listener, options) => cache.on('rotated', listener, options)],
  ['a handle', (listener, options) => cache.handle(id).on('rotated', listener, options)],
]

describe.each(places)('a listener of %s', (_, on) => {
  it('with once hears one event', async () => {
    const listener = vi.fn()
    on(listener, { once: true })
    await rotate()
    await rotate()
    expect(listener).toHaveBeenCalledTimes(1)
  })

  it('with once is gone before it hears it: an event that it causes is not heard again', async () => {
    const heard: string[] = []
    const stop = on(
      ({ versionId }) => {
        heard.push(versionId)
        stop()
        on(event => heard.push(event.versionId), { once: true })
      },
      { once: true },
    )
    await rotate()
    await rotate()
    expect(new Set(heard).size).toBe(2)
  })

  it('is removed when its signal aborts, and not added if it has aborted', async () => {
    const controller = new AbortController()
    const listener = vi.fn()
    on(listener, { signal: controller.signal })
    await rotate()
    controller.abort()
    on(listener, { signal: controller.signal })
    await rotate()
    expect(listener).toHaveBeenCalledTimes(1)
  })

  it('that is removed leaves nothing at its signal', async () => {
    const { signal } = new AbortController()
    const [add, remove] = [vi.spyOn(signal, 'addEventListener'), vi.spyOn(signal, 'removeEventListener')]
    on(() => {}, { signal })()
    on(() => {}, { signal, once: true })
    await rotate()
    expect(add).toHaveBeenCalledTimes(2)
    expect(remove.mock.calls.map(([, listener]) => listener)).toEqual(add.mock.calls.map(([, listener]) => listener))
  })

  it('is removed at the end of a block with `using`, and removing it again does nothing', async () => {
    const listener = vi.fn()
    {
      using listening = on(listener)
      await rotate()
      expect(listening).toBeTypeOf('function')
    }
    const stop = on(listener)
    stop()
    stop[Symbol.dispose]()
    await rotate()
    expect(listener).toHaveBeenCalledTimes(1)
  })

  it.each<[string, unknown]>([
    ['Unknown option "one" of on. Did you mean "once"?', { one: true }],
    ['once must be true or false.', { once: 1 }],
    ['signal must be an AbortSignal.', { signal: new AbortController() }],
    ['on takes a plain object of options.', null],
  ])('has options; a mistake is a TypeError: %s (%j)', (message, options) => {
    expect(() => on(() => {}, options as object)).toThrow(new TypeError(message))
  })
})

it.each<[string, object | undefined, () => Promise<unknown>]>([
  ['once', { once: true }, () => rotate()],
  ['its signal', { signal: AbortSignal.abort() }, async () => {}],
])('a handle lets go of its secret with its last listener, also where %s has removed it', async (_, options, act) => {
  cache.handle(id).on('rotated', () => {}, options)
  await act()
  await cache.getSecretString('other')
  expect(cache.peek(id)).toBeUndefined()
})

it('a listener that rejects surfaces like one that throws, and no load hears of it', async () => {
  const faults: unknown[] = []
  const nextTick = vi.spyOn(process, 'nextTick').mockImplementation(run => {
    try {
      run()
    } catch (fault) {
      faults.push(fault)
    }
  })
  const unhandled = vi.fn()
  process.on('unhandledRejection', unhandled)
  const fault = new Error('fault')
  cache.on('rotated', async () => {
    throw fault
  })
  cache.on('rotated', async () => {})
  const heard = vi.fn()
  cache.on('rotated', heard)
  await rotate()
  await Promise.resolve()
  nextTick.mockRestore()
  await new Promise(resolve => setImmediate(resolve))
  process.off('unhandledRejection', unhandled)
  expect(faults).toEqual([fault])
  expect(heard).toHaveBeenCalledTimes(1)
  expect(unhandled).not.toHaveBeenCalled()
})

describe('get of a handle', () => {
  it('takes a signal that ends the waiting', async () => {
    fake.inject({ hang: true })
    const controller = new AbortController()
    const read = cache.handle('other').get({ signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(read).rejects.toThrow('enough')
  })

  it('hands out the promise of the cache, and takes no option that would read another version', async () => {
    fake.rotate(id, '{}')
    const handle = cache.handle(id)
    await cache.refreshNow(id)
    expect(handle.get()).toBe(cache.getSecretJson(id))
    await expect(handle.get({ versionStage: 'AWSPREVIOUS' } as never)).rejects.toThrow(
      new TypeError('Unknown option "versionStage" of get. Known options: signal.'),
    )
  })
})
