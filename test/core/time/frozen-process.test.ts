import { beforeEach, expect, it } from 'vitest'
import { type Clock, SecretCache, type SecretCacheOptions } from '../../../src/index.js'
import { type DeferredRequest, DeferredSource, settled } from '../../support/deferred-source.js'

const name = 'secret'

/** A clock that also jumps, as that of a process does which was stopped: timers that have fallen due fire then, one after the other. */
class JumpingClock implements Clock {
  #time = Date.UTC(2030, 0, 1)
  #timers: { run: () => void; at: number }[] = []

  now = (): number => this.#time
  elapsedMs = (): number => this.#time

  setTimeout(run: () => void, ms: number): () => void {
    const timer = { run, at: this.#time + ms }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter(other => other !== timer)
    }
  }

  async jump(ms: number): Promise<void> {
    this.#time += ms
    const due = (): { run: () => void; at: number } | undefined =>
      this.#timers.filter(({ at }) => at <= this.#time).sort((one, other) => one.at - other.at)[0]
    for (let timer = due(); timer !== undefined; timer = due()) {
      this.#timers.splice(this.#timers.indexOf(timer), 1)
      timer.run()
      await settled()
    }
  }

  async run(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 100) await this.jump(100)
  }
}

let clock: JumpingClock
let source: DeferredSource
let failed: string[]

const request = (number: number): Promise<DeferredRequest> => source.request(number)

function cacheOf(options: SecretCacheOptions = {}): SecretCache {
  const cache = new SecretCache({ source, clock, ttlMs: 60_000, ttlJitter: 0, ...options })
  cache.on('error', ({ error }) => failed.push(error.code))
  return cache
}

beforeEach(() => {
  clock = new JumpingClock()
  source = new DeferredSource()
  failed = []
})

it.each([2_000, 7_000, 3_600_000])(
  'a read that was frozen with its process for %i ms is given what comes after the thaw',
  async ms => {
    const read = cacheOf().getSecretString(name)
    await request(1)
    await clock.jump(ms)
    await clock.run(300)
    await (await request(1)).answer('v1')
    expect(await read).toBe('v1')
    expect(failed).toEqual([])
  },
)

it('so is one that has had nearly all its time before the freeze', async () => {
  const read = cacheOf().getSecretString(name)
  await request(1)
  await clock.run(4_900)
  await clock.jump(60_000)
  await clock.run(300)
  await (await request(1)).answer('v1')
  expect(await read).toBe('v1')
})

it('what is not answered after the thaw either ends when loadTimeoutMs are over that the process was awake', async () => {
  const read = cacheOf().getSecretString(name)
  const ended = expect(read).rejects.toMatchObject({ code: 'ERR_SECRET_TIMEOUT' })
  await request(1)
  await clock.run(1_000)
  await clock.jump(60_000)
  await clock.run(5_000)
  await ended
  expect(failed).toEqual(['ERR_SECRET_TIMEOUT'])
})

it('a read after the thaw joins no load from before: its connection may be dead', async () => {
  const cache = cacheOf()
  const frozen = cache.getSecretString(name)
  await request(1)
  await clock.jump(2_000)
  const thawed = cache.getSecretString(name)
  await (await request(2)).answer('v2')
  expect(await thawed).toBe('v2')
  await (await request(1)).answer('v1')
  expect(await frozen).toBe('v2')
})

it('a request that fails because it was frozen counts for nothing, and is sent again', async () => {
  const cache = cacheOf()
  const first = cache.getSecretString(name)
  await (await request(1)).answer('v1')
  await first
  const read = cache.refreshNow(name)
  await request(2)
  await clock.jump(7_000)
  await (await request(2)).fail()
  await (await request(3)).answer('v2')
  expect((await read).text()).toBe('v2')
  expect([failed, cache.stats().failures]).toEqual([[], 0])
})

it('a load that was frozen in the pause after a failure asks once more', async () => {
  const read = cacheOf({ source: Object.assign(source, { singleAttempt: true }) }).getSecretString(name)
  await (await request(1)).fail()
  await clock.jump(7_000)
  await (await request(2)).answer('v1')
  expect(await read).toBe('v1')
  expect(failed).toEqual([])
})

it('what fails after the thaw is a failure like any other', async () => {
  const cache = cacheOf()
  const read = cache.getSecretString(name)
  const ended = expect(read).rejects.toMatchObject({ code: 'ERR_SECRET_UNAVAILABLE' })
  await request(1)
  await clock.jump(7_000)
  await (await request(1)).fail()
  await (await request(2)).fail()
  await ended
  await expect(cache.getSecretString(name)).rejects.toMatchObject({ code: 'ERR_SECRET_UNAVAILABLE' })
  expect(source.sent).toHaveLength(2)
})
