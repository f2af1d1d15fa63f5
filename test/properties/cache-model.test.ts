import fc from 'fast-check'
import { expect, it } from 'vitest'
import { SecretCache } from '../../src/index.js'
import { FakeSecretsManager, ManualClock } from '../../src/testing/index.js'

const ttlMs = 10_000
const staleWhileRevalidateMs = 2_000
const staleIfErrorMs = 60_000
const loadTimeoutMs = 5_000
const names = ['a', 'b', 'c']

/** Something that happens to a cache: time passes, the service changes or fails, somebody reads. */
type Command =
  | { do: 'read' | 'refresh' | 'invalidate' | 'delete'; secret: number; form: number }
  | { do: 'rotate'; secret: number }
  | { do: 'advance'; ms: number }
  | { do: 'slow'; ms: number }
  | { do: 'fail'; error: string }
  | { do: 'recover' }

const secret = fc.nat({ max: names.length - 1 })
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant<'read'>('read'), secret, form: fc.nat({ max: 2 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom<'refresh' | 'invalidate' | 'delete'>('refresh', 'invalidate', 'delete'),
      secret,
      form: fc.nat({ max: 2 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant<'rotate'>('rotate'), secret }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant<'advance'>('advance'),
      ms: fc.oneof(fc.nat({ max: 250 }), fc.nat({ max: 250 }), fc.nat({ max: 20_000 })),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant<'slow'>('slow'), ms: fc.nat({ max: 1_000 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant<'fail'>('fail'),
      error: fc.constantFrom('InternalServiceError', 'ThrottlingException'),
    }),
  },
  { weight: 2, arbitrary: fc.constant<Command>({ do: 'recover' }) },
)

/** The naive cache that ours is held to: it keeps nothing and knows when each version was current. */
class Truth {
  /** By secret, the time at which each version ended; the last has none yet. */
  readonly #endedAt = new Map(names.map(name => [name, [] as number[]]))
  /** What a read from now on must not go behind: it was invalidated, or somebody has seen a newer one. */
  readonly oldest = new Map(names.map(name => [name, 0]))
  /** When the service last failed or was slow. */
  troubledAt = Number.NEGATIVE_INFINITY

  version(name: string): number {
    return this.#endedAt.get(name)?.length ?? 0
  }

  rotate(name: string, now: number): void {
    this.#endedAt.get(name)?.push(now)
  }

  /** How long ago a version stopped being the current one. */
  outdatedMs(name: string, version: number, now: number): number {
    return now - (this.#endedAt.get(name)?.[version] ?? now)
  }
}

async function play(commands: readonly Command[], maxEntries: number): Promise<void> {
  const clock = new ManualClock()
  const fake = new FakeSecretsManager({ clock })
  const forms = names.map(name => {
    const { arn } = fake.create(name, '0')
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
  // Loads take their time, so that things happen while they are under way.
  fake.inject({ delayMs: 200 })
  const truth = new Truth()
  const open = new Set<Promise<unknown>>()
  const broken: unknown[] = []
  let isDown = false
  let unslow = (): void => undefined
  const rotations: string[] = []
  cache.on('rotated', ({ previousVersionId, versionId }) => rotations.push(`${previousVersionId}>${versionId}`))

  function follow(check: Promise<unknown>): void {
    open.add(check)
    void check.catch(error => broken.push(error)).finally(() => open.delete(check))
  }

  /** Reads and holds the answer to the truth. A refusal must be a coded one, and only where the service is to blame. */
  function readBy(read: Promise<string>, name: string, oldest: number): void {
    const begunAt = clock.now()
    const checked = read.then(
      text => {
        const calm = !isDown && truth.troubledAt < begunAt - loadTimeoutMs
        if (calm) expect(Number(text)).toBeGreaterThanOrEqual(oldest)
        truth.oldest.set(name, Math.max(truth.oldest.get(name) ?? 0, Number(text)))
        expect(truth.outdatedMs(name, Number(text), clock.now())).toBeLessThan(ttlMs + staleIfErrorMs + loadTimeoutMs)
      },
      (error: { code?: string }) => {
        expect(error.code).toMatch(/^ERR_SECRET_(UNAVAILABLE|THROTTLED|TIMEOUT)$/)
        expect(isDown || truth.troubledAt > begunAt - 120_000).toBe(true)
      },
    )
    follow(checked)
  }

  for (const step of commands) {
    const name = 'secret' in step ? (names[step.secret] ?? '') : ''
    const id = 'form' in step ? (forms[step.secret]?.[step.form] ?? '') : ''
    switch (step.do) {
      case 'read':
        readBy(cache.getSecretString(id), name, truth.oldest.get(name) ?? 0)
        break
      case 'refresh': {
        const current = truth.version(name)
        const refreshed = cache.refreshNow(id).then(fresh => fresh.text())
        // What it brings is never older than the moment it was asked for, whatever the trouble.
        const newEnough = refreshed.then(
          text => expect(Number(text)).toBeGreaterThanOrEqual(current),
          () => undefined,
        )
        follow(newEnough)
        break
      }
      case 'invalidate':
        cache.invalidate(id)
        truth.oldest.set(name, truth.version(name))
        break
      case 'delete':
        cache.delete(id)
        truth.oldest.set(name, truth.version(name))
        break
      case 'rotate':
        truth.rotate(name, clock.now())
        fake.rotate(name, String(truth.version(name)))
        break
      case 'advance':
        await clock.advance(step.ms)
        if (isDown) truth.troubledAt = clock.now()
        break
      case 'slow':
        // One at a time: together they would outlast the deadline of a load.
        unslow()
        unslow = fake.inject({ delayMs: step.ms, times: 1 })
        break
      case 'fail':
        isDown = true
        truth.troubledAt = clock.now()
        fake.inject({ error: step.error })
        break
      case 'recover':
        isDown = false
        fake.recover()
        fake.inject({ delayMs: 200 })
    }
    // Lets requests go out.
    await clock.advance(0)
  }

  fake.recover()
  isDown = false
  await clock.advance(60_000)
  expect(open.size).toBe(0)
  expect(broken).toEqual([])

  // Once all is well, every secret is current again after its windows, and no timer is left.
  await clock.advance(ttlMs + staleWhileRevalidateMs + 60_000)
  for (const name of names) {
    const read = cache.getSecretString(name)
    await clock.advance(10_000)
    expect(await read).toBe(String(truth.version(name)))
  }
  expect(cache.stats().entries).toBeLessThanOrEqual(maxEntries)
  expect(cache.stats().rotations).toBe(rotations.length)
  await cache.close()
  expect(clock.pending).toBe(0)
}

it('whatever happens in whatever order, reads are as fresh as promised, settle, and fail only when the service does', async () => {
  await fc.assert(fc.asyncProperty(fc.array(command, { minLength: 20, maxLength: 100 }), fc.constantFrom(1, 2, 100), play), {
    numRuns: 1_000,
  })
}, 60_000)
