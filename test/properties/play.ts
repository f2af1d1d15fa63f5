import { expect } from 'vitest'
import { SecretCache } from '../../src/index.js'
import { FakeSecretsManager, ManualClock, type SecretLabelUpdatedEvent } from '../../src/testing/index.js'
import { type Command, names } from './commands.js'
import { Truth } from './truth.js'

const ttlMs = 10_000
const staleWhileRevalidateMs = 2_000
const staleIfErrorMs = 60_000
const loadTimeoutMs = 5_000
/** Old answers so far apart are not taken for one long one, which would be a rollback. */
const oldApartMs = 10_000
/** An old version that the cache had never left is taken for a new one; until this later it may be served, and the newer one doubted. */
const oldServedMs = 120_000

/** How a game is set up and how it ends. */
export interface Setting {
  maxEntries: number
  /** Whether the cache is closed in the middle of what is under way, or after all has settled. */
  closesEarly: boolean
  /** Whether it is told of every last rotation at the end, or left to its TTL. */
  isTold: boolean
}

/** Plays commands on a cache and throws where it breaks a promise. */
export async function play(commands: readonly Command[], { maxEntries, closesEarly, isTold }: Setting): Promise<void> {
  const clock = new ManualClock()
  const fake = new FakeSecretsManager({ clock })
  const truth = new Truth()
  const forms = names.map(name => {
    const { arn, versionId } = fake.create(name, '0')
    truth.identify(name, versionId)
    return [name, arn, arn.slice(0, -7)]
  })
  const cache = new SecretCache({
    source: fake.source(),
    clock,
    maxEntries,
    ttlMs,
    staleWhileRevalidateMs,
    staleIfErrorMs,
    loadTimeoutMs,
  })
  const evicts = maxEntries < names.length * 3
  // Loads take their time, so that things happen while they are under way.
  fake.inject({ delayMs: 200 })
  const open = new Set<Promise<unknown>>()
  const broken: unknown[] = []
  const events: SecretLabelUpdatedEvent[] = []
  let isDown = false
  let isClosed = false
  let normal = (): void => undefined
  let isOld = false
  const rotations: string[] = []
  cache.on('rotated', ({ name = '', previousVersionId, versionId }) => {
    const move = `${previousVersionId} > ${versionId}`
    rotations.push(move)
    if (truth.move(name, previousVersionId, versionId, clock.now()) && !evicts) broken.push(`${name} went back: ${move}`)
  })

  function follow(check: Promise<unknown>): void {
    open.add(check)
    void check.catch(error => broken.push(error)).finally(() => open.delete(check))
  }

  /** Checks a refusal: a coded one, and only where the service is to blame. */
  function checkRefusal({ code }: Error & { code?: string }, begunAt: number): void {
    if (isClosed && code === 'ERR_SECRET_CACHE_CLOSED') return
    expect(code).toMatch(/^ERR_SECRET_(UNAVAILABLE|THROTTLED|TIMEOUT)$/)
    expect(isDown || truth.troubledAt > begunAt - 120_000 || truth.answeredOldAt > begunAt - 120_000).toBe(true)
  }

  /** Reads and holds the answer to the truth. */
  function readBy(id: string, name: string, signal?: AbortSignal): void {
    const begunAt = clock.now()
    const oldest = truth.oldest(name)
    const checked = cache.getSecretString(id, signal && { signal }).then(
      text => {
        const version = Number(text)
        const calm = !isDown && truth.troubledAt < begunAt - loadTimeoutMs && truth.answeredOldAt < begunAt - oldServedMs
        if (calm) expect(version).toBeGreaterThanOrEqual(oldest)
        truth.demand(name, version)
        // What an old answer brought may have been old for ever.
        const servedMs = ttlMs + staleIfErrorMs + loadTimeoutMs
        if (truth.answeredOldAt < begunAt - servedMs) expect(truth.outdatedMs(name, version, clock.now())).toBeLessThan(servedMs)
      },
      (error: Error) => {
        if (!(signal?.aborted && error.name === 'AbortError')) checkRefusal(error, begunAt)
      },
    )
    follow(checked)
  }

  /** What it brings is never older than the moment it was asked for, whatever the trouble. */
  function refresh(id: string, name: string): void {
    const begunAt = clock.now()
    const current = truth.version(name)
    const checked = cache.refreshNow(id).then(
      fresh => {
        if (truth.answeredOldAt < begunAt) expect(Number(fresh.text())).toBeGreaterThanOrEqual(current)
      },
      (error: Error) => checkRefusal(error, begunAt),
    )
    follow(checked)
  }

  /** One fault that ends by itself at a time: together they would outlast the deadline of a load. */
  function disturb(begin: () => () => void): void {
    normal()
    isOld = false
    normal = begin()
  }

  for (const step of commands) {
    const name = 'secret' in step ? (names[step.secret] ?? 'a') : 'a'
    const id = 'form' in step ? (forms[step.secret]?.[step.form] ?? '') : ''
    switch (step.do) {
      case 'read':
        readBy(id, name)
        break
      case 'readInHaste': {
        const reader = new AbortController()
        clock.setTimeout(() => reader.abort(), step.ms)
        readBy(id, name, reader.signal)
        break
      }
      case 'refresh':
        refresh(id, name)
        break
      case 'warm': {
        const begunAt = clock.now()
        follow(cache.warmup([...names]).catch((error: Error) => checkRefusal(error, begunAt)))
        break
      }
      case 'invalidate':
        cache.invalidate(id)
        truth.demand(name, truth.version(name))
        break
      case 'delete':
        cache.delete(id)
        truth.demand(name, truth.version(name))
        truth.forget(name)
        break
      case 'rotate': {
        truth.rotate(name, clock.now())
        const event = fake.rotate(name, String(truth.version(name)))
        truth.identify(name, event.detail.versionId)
        events.push(event)
        break
      }
      case 'tell': {
        const event = events[step.which % events.length]
        if (event === undefined) break
        truth.tell(event.detail.versionId, clock.now())
        follow(cache.handleRotationEvent(event))
        break
      }
      case 'advance':
        await clock.advance(step.ms)
        break
      case 'slow':
        disturb(() => fake.inject({ delayMs: step.ms, times: 1 }))
        break
      case 'old':
        if (clock.now() - truth.answeredOldAt < oldApartMs) break
        disturb(() => fake.inject({ answer: 'old', times: step.times }))
        isOld = true
        break
      case 'fail':
        isDown = true
        fake.inject({ error: step.error })
        break
      case 'recover':
        isDown = false
        isOld = false
        fake.recover()
        fake.inject({ delayMs: 200 })
    }
    if (isDown) truth.troubledAt = clock.now()
    if (isOld) truth.answeredOldAt = clock.now()
    // Lets requests go out.
    await clock.advance(0)
  }

  fake.recover()
  isDown = false
  if (closesEarly) {
    isClosed = true
    const closing = cache.close()
    await clock.advance(60_000)
    await closing
  } else {
    await clock.advance(60_000)
  }
  expect(open.size).toBe(0)
  expect(broken).toEqual([])

  if (!closesEarly) {
    // Once all is well, every secret is current again after its windows, or as soon as the cache is told.
    if (isTold) for (const event of events) void cache.handleRotationEvent(event)
    await clock.advance(isTold ? 10_000 : ttlMs + staleWhileRevalidateMs + 60_000)
    for (const name of names) {
      const read = cache.getSecretString(name)
      await clock.advance(10_000)
      expect(await read).toBe(String(truth.version(name)))
    }
    expect(cache.stats().entries).toBeLessThanOrEqual(maxEntries)
    await cache.close()
  }
  expect(cache.stats().rotations).toBe(rotations.length)
  // Those of readers in haste, who have their answer by now.
  await clock.advance(1_000)
  expect(clock.pending).toBe(0)
}
