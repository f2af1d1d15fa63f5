import { afterEach, expect, it, vi } from 'vitest'
import { listenInOneWorker, type OneWorkerListener, type OneWorkerOptions } from '../../src/lambda/index.js'

const parts: OneWorkerListener[] = []
type Target = Parameters<OneWorkerOptions['listen']>[0]

/** A cache that only keeps what it is told. */
class ToldCache {
  readonly told: unknown[] = []
  revalidations = 0

  async handleRotationEvent(payload: unknown): Promise<unknown> {
    this.told.push(payload)
    return 'handled'
  }

  revalidate(): void {
    this.revalidations += 1
  }
}

/** Stands for a worker: the channels and sockets of two threads work alike. */
class StandInWorker {
  readonly cache = new ToldCache()
  readonly close = vi.fn(async () => {})
  readonly onError = vi.fn()
  target: Target | undefined
  failure: Error | undefined
  revalidatesItself = false
  part: OneWorkerListener | undefined

  async listen(): Promise<this> {
    const listen = async (target: Target): Promise<{ close(): Promise<void> }> => {
      if (this.failure !== undefined) throw this.failure
      this.target = target
      if (this.revalidatesItself) target.revalidate()
      return { close: this.close }
    }
    this.part = await listenInOneWorker(this.cache, { listen, onError: this.onError })
    parts.push(this.part)
    return this
  }
}

afterEach(async () => {
  for (const part of parts.splice(0)) await part.close()
  vi.useRealTimers()
})

const isListening = ({ part }: StandInWorker): boolean | undefined => part?.isListening

it('the first one listens, and all hear what it hears', async () => {
  const [first, second] = [await new StandInWorker().listen(), await new StandInWorker().listen()]
  expect([first, second].map(isListening)).toEqual([true, false])
  expect(await first.target?.handleRotationEvent({ Body: 'event' })).toBe('handled')
  expect(first.cache.told).toEqual([{ Body: 'event' }])
  await vi.waitFor(() => expect(second.cache.told).toEqual([{ Body: 'event' }]))
})

it('who joins revalidates, and so does everyone when the listener may have missed something', async () => {
  const [first, second] = [await new StandInWorker().listen(), await new StandInWorker().listen()]
  expect([first.cache.revalidations, second.cache.revalidations]).toEqual([1, 1])
  first.target?.revalidate()
  expect(first.cache.revalidations).toBe(2)
  await vi.waitFor(() => expect(second.cache.revalidations).toBe(2))
})

it.each([false, true])('after a takeover everyone revalidates once more (the listener does so itself: %s)', async itself => {
  const workers = [new StandInWorker(), new StandInWorker(), new StandInWorker()]
  for (const worker of workers) worker.revalidatesItself = itself
  for (const worker of workers) await worker.listen()
  const [first, ...others] = workers
  await vi.waitFor(() => expect(others.map(({ cache }) => cache.revalidations)).toEqual([1, 1]))
  await first?.part?.close()
  await vi.waitFor(() => expect(others.filter(isListening)).toHaveLength(1))
  const [leader, follower] = others.toSorted((one, other) => Number(isListening(other)) - Number(isListening(one)))
  expect(leader?.cache.revalidations).toBe(2)
  // The follower has also tried to take over.
  await vi.waitFor(() => expect(follower?.cache.revalidations).toBe(3))
})

it('when it closes, another one takes over', async () => {
  const [first, second] = [await new StandInWorker().listen(), await new StandInWorker().listen()]
  await first.part?.close()
  expect(first.close).toHaveBeenCalledTimes(1)
  await vi.waitFor(() => expect(second.part?.isListening).toBe(true))
  await second.target?.handleRotationEvent('event')
  expect([first.cache.told, second.cache.told]).toEqual([[], ['event']])
})

it('one that was closed does not take over', async () => {
  const [first, second, third] = [new StandInWorker(), new StandInWorker(), new StandInWorker()]
  for (const worker of [first, second, third]) await worker.listen()
  await second.part?.close()
  await second.part?.close()
  await first.part?.[Symbol.asyncDispose]()
  await vi.waitFor(() => expect(third.part?.isListening).toBe(true))
  expect(second.target).toBeUndefined()
})

it('one that cannot listen rejects, and leaves the place to the next', async () => {
  const failing = new StandInWorker()
  failing.failure = new Error('denied')
  await expect(failing.listen()).rejects.toBe(failing.failure)
  expect((await new StandInWorker().listen()).part?.isListening).toBe(true)
})

it('one that cannot take over says so, and tries again after a minute', async () => {
  const [first, second] = [await new StandInWorker().listen(), await new StandInWorker().listen()]
  second.failure = new Error('denied')
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'], shouldAdvanceTime: true })
  await first.part?.close()
  await vi.waitFor(() => expect(second.onError.mock.calls).toEqual([[second.failure]]))
  second.failure = undefined
  await vi.advanceTimersByTimeAsync(60_000)
  await vi.waitFor(() => expect(second.part?.isListening).toBe(true))
})

it('those of another name have a listener of their own', async () => {
  const cache = new ToldCache()
  await new StandInWorker().listen()
  const other = await listenInOneWorker(cache, { listen: async () => ({ close: async () => {} }), name: 'other' })
  parts.push(other)
  expect(other.isListening).toBe(true)
})

it('where there are no names that end with their threads, each listens for itself', async () => {
  const platform = vi.spyOn(process, 'platform', 'get').mockReturnValue('darwin')
  const workers = [await new StandInWorker().listen(), await new StandInWorker().listen()]
  platform.mockRestore()
  expect(workers.map(isListening)).toEqual([true, true])
})

it.each<[string, unknown, unknown, RegExp]>([
  ['no cache', {}, { listen: async () => {} }, /^The cache must have a handleRotationEvent method/],
  ['no options', new ToldCache(), undefined, /plain object/],
  ['nothing to start', new ToldCache(), {}, /^listen must be a function/],
  ['a listener and not what starts it', new ToldCache(), { listen: {} }, /^listen must be a function/],
  ['an empty name', new ToldCache(), { listen: async () => {}, name: '' }, /^name must/],
  ['an unknown option', new ToldCache(), { listen: async () => {}, topicArn: 'arn' }, /topicArn/],
])('%s is a TypeError', async (_, cache, options, message) => {
  const listening = listenInOneWorker(cache as ToldCache, options as OneWorkerOptions)
  await expect(listening).rejects.toThrow(message)
  await expect(listening).rejects.toThrow(TypeError)
})
