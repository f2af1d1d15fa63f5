import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { putSecretValue } from '../../src/admin/index.js'
import { failoverSource } from '../../src/failover/index.js'
import { type RotatedEvent, SecretCache } from '../../src/index.js'
import { FakeSecretsManager, type FakeSource, ManualClock } from '../../src/testing/index.js'

const id = 'prod/db'
/** A replica is rarely behind for longer than the first of these. */
const [usualLagMs, longLagMs] = [20_000, 600_000]

type Step =
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'rotate'; readonly lag: number }
  | { readonly do: 'read' | 'refresh' | 'invalidate' | 'delete'; readonly cache: 0 | 1 }
  | { readonly do: 'write'; readonly cache: 0 | 1; readonly lag: number }
  | { readonly do: 'fail'; readonly region: 0 | 1; readonly fault: string }

const lag = fc.double({ min: 0, max: 1, noNaN: true })
const eitherCache = fc.constantFrom(0 as const, 1 as const)

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('wait'), ms: fc.constantFrom(100, 1_000, 5_000, 16_000, 31_000, 61_000) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('rotate'), lag }) },
  {
    weight: 7,
    arbitrary: fc.record({
      do: fc.constantFrom('read', 'read', 'read', 'refresh', 'refresh', 'invalidate', 'delete'),
      cache: eitherCache,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('write'), cache: eitherCache, lag }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('fail'),
      region: fc.constantFrom(0 as const, 0 as const, 1 as const),
      fault: fc.constantFrom('InternalServiceError', 'ThrottlingException', 'hang', 'well', 'well'),
    }),
  },
)

function fail(fake: FakeSecretsManager, fault: string): void {
  fake.recover()
  if (fault === 'hang') fake.inject({ operation: 'GetSecretValue', hang: true })
  else if (fault !== 'well') fake.inject({ operation: 'GetSecretValue', error: fault })
}

/** A secret whose versions are numbered, in a primary Region and in a replica that lags, read by two caches through one source. */
class World {
  readonly clock = new ManualClock()
  readonly regions = ['eu-west-1', 'eu-central-1'].map(
    region => new FakeSecretsManager({ region, clock: this.clock, secrets: { [id]: '0' } }),
  ) as [FakeSecretsManager, FakeSecretsManager]
  readonly caches: [SecretCache, SecretCache]
  readonly #moves: RotatedEvent[] = []
  readonly #mostLagMs: number
  readonly #numbers = new Map<string, number>()
  readonly #shown = new Set<string>()
  #newest = 0
  #replicatedBy = 0

  constructor(mostLagMs: number) {
    const { clock, regions } = this
    this.#mostLagMs = mostLagMs
    const [primary, replica] = regions.map(fake => fake.source()) as [FakeSource, FakeSource]
    const get: FakeSource['get'] = async (request, options) => {
      const value = await primary.get(request, options)
      this.#shown.add(value.versionId)
      return value
    }
    const source = failoverSource([{ get }, replica], { clock })
    const settings = { clock, ttlMs: 20_000, staleWhileRevalidateMs: 5_000 }
    this.caches = [new SecretCache({ source, ...settings }), new SecretCache({ source, ...settings })]
    for (const each of this.caches) each.on('rotated', event => this.#moves.push(event))
  }

  get newest(): string {
    return String(this.#newest)
  }

  /** The moves to an earlier version. `shown`: the primary had shown that, so it was known to be left. */
  get goneBack(): { readonly from: number; readonly to: number; readonly shown: boolean }[] {
    return this.#moves
      .map(({ previousVersionId, versionId }) => ({
        from: this.#numbers.get(previousVersionId) ?? 0,
        to: this.#numbers.get(versionId) ?? 0,
        shown: this.#shown.has(versionId),
      }))
      .filter(({ from, to }) => to < from)
  }

  async take(next: Step): Promise<void> {
    const { caches, clock, regions } = this
    switch (next.do) {
      case 'wait':
        await clock.advance(next.ms)
        break
      case 'rotate':
        this.#replicate(next.lag, regions[0].put(id, this.#next()).versionId)
        break
      case 'write':
        await this.#write(caches[next.cache], next.lag)
        break
      case 'fail':
        fail(regions[next.region], next.fault)
        break
      case 'read':
        void caches[next.cache].getSecret(id).catch(() => {})
        break
      case 'refresh':
        void caches[next.cache].refreshNow(id).catch(() => {})
        break
      default:
        caches[next.cache][next.do](id)
    }
    await clock.advance(0)
  }

  /** A write reaches the primary, whatever becomes of reads. */
  async #write(through: SecretCache, share: number): Promise<void> {
    const { versionId } = await putSecretValue(through, id, this.#next(), { client: this.regions[0].client() })
    this.#replicate(share, versionId)
  }

  #next(): string {
    this.#newest += 1
    return this.newest
  }

  #replicate(share: number, versionId: string): void {
    const { clock, newest } = this
    this.#numbers.set(versionId, this.#newest)
    // In order, as replication is.
    this.#replicatedBy = Math.max(this.#replicatedBy, clock.now() + Math.round(share * this.#mostLagMs))
    clock.setTimeout(() => {
      this.regions[1].perform('PutSecretValue', { SecretId: id, SecretString: newest, ClientRequestToken: versionId })
    }, this.#replicatedBy - clock.now())
  }
}

function play(mostLagMs: number, judge: (world: World) => void): Promise<void> {
  const property = fc.asyncProperty(fc.array(step, { minLength: 30, maxLength: 120 }), async steps => {
    const world = new World(mostLagMs)
    const { caches, clock, regions } = world
    for (const each of caches) await each.getSecret(id)
    for (const next of steps) await world.take(next)
    for (const fake of regions) fake.recover()
    for (const _ of [1, 2, 3, 4]) {
      await clock.advance(31_000)
      for (const each of caches) await each.getSecret(id).catch(() => {})
    }
    const refreshed = caches.map(each => each.refreshNow(id))
    await clock.advance(5_000)
    for (const secret of await Promise.all(refreshed)) expect(secret.text()).toBe(world.newest)
    judge(world)
    for (const each of caches) await each.close()
  })
  const { MODEL_RUNS = 150, MODEL_SEED = 20_260_101 } = process.env
  return fc.assert(property, { numRuns: Number(MODEL_RUNS), seed: Number(MODEL_SEED) })
}

describe('whatever fails and hangs, the newest version is read once all is well', () => {
  it('and nothing goes back where the replica lags as usual', async () => {
    await play(usualLagMs, ({ goneBack }) => expect(goneBack).toEqual([]))
  }, 60_000)

  it('and nothing goes back to what the primary has shown, however long the replica lags', async () => {
    await play(longLagMs, ({ goneBack }) => expect(goneBack.filter(({ shown }) => shown)).toEqual([]))
  }, 60_000)
})
