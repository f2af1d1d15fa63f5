import fc from 'fast-check'
import { expect, it } from 'vitest'
import { failoverSource } from '../../src/failover/index.js'
import { SecretCache } from '../../src/index.js'
import { FakeSecretsManager, ManualClock } from '../../src/testing/index.js'

const id = 'prod/db'
/** No replica is behind for longer. */
const mostLagMs = 20_000

type Step =
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'rotate'; readonly lagMs: number }
  | { readonly do: 'read' | 'refresh' | 'invalidate' | 'delete' }
  | {
      readonly do: 'fail'
      readonly region: 0 | 1
      readonly fault: 'InternalServiceError' | 'ThrottlingException' | 'hang' | 'well'
    }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('wait'), ms: fc.constantFrom(100, 1_000, 5_000, 16_000, 31_000, 61_000) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('rotate'), lagMs: fc.integer({ min: 0, max: mostLagMs }) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('read', 'read', 'refresh', 'invalidate', 'delete') }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('fail'),
      region: fc.constantFrom(0, 0, 1),
      fault: fc.constantFrom('InternalServiceError', 'ThrottlingException', 'hang', 'well', 'well'),
    }),
  },
)

function fail(fake: FakeSecretsManager, fault: string): void {
  fake.recover()
  if (fault === 'hang') fake.inject({ operation: 'GetSecretValue', hang: true })
  else if (fault !== 'well') fake.inject({ operation: 'GetSecretValue', error: fault })
}

/** A secret whose versions are numbered, in a primary Region and in a replica that lags. */
class World {
  readonly clock = new ManualClock()
  readonly regions = ['eu-west-1', 'eu-central-1'].map(
    region => new FakeSecretsManager({ region, clock: this.clock, secrets: { [id]: '0' } }),
  ) as [FakeSecretsManager, FakeSecretsManager]
  readonly cache = new SecretCache({
    source: failoverSource(
      this.regions.map(fake => fake.source()),
      { clock: this.clock },
    ),
    clock: this.clock,
    ttlMs: 20_000,
    staleWhileRevalidateMs: 5_000,
  })
  readonly goneBack: string[] = []
  #newest = 0
  #lastReplicationAt = 0

  constructor() {
    const valueOf = (versionId: string): number =>
      Number(this.regions[0].perform('GetSecretValue', { SecretId: id, VersionId: versionId }).SecretString)
    this.cache.on('rotated', ({ previousVersionId, versionId }) => {
      const [from, to] = [previousVersionId, versionId].map(valueOf) as [number, number]
      if (to < from) this.goneBack.push(`${from} to ${to}`)
    })
  }

  get newest(): string {
    return String(this.#newest)
  }

  async take(next: Step): Promise<void> {
    const { cache, clock, regions } = this
    switch (next.do) {
      case 'wait':
        await clock.advance(next.ms)
        break
      case 'rotate':
        this.#rotate(next.lagMs)
        break
      case 'fail':
        fail(regions[next.region], next.fault)
        break
      case 'read':
        void cache.getSecret(id).catch(() => {})
        break
      case 'refresh':
        void cache.refreshNow(id).catch(() => {})
        break
      case 'invalidate':
        cache.invalidate(id)
        break
      case 'delete':
        cache.delete(id)
    }
    await clock.advance(0)
  }

  #rotate(lagMs: number): void {
    const { clock, regions } = this
    this.#newest += 1
    const value = this.newest
    const { versionId } = regions[0].put(id, value)
    // In order, as replication is.
    this.#lastReplicationAt = Math.max(this.#lastReplicationAt, clock.now() + lagMs)
    clock.setTimeout(() => {
      regions[1].perform('PutSecretValue', { SecretId: id, SecretString: value, ClientRequestToken: versionId })
    }, this.#lastReplicationAt - clock.now())
  }
}

it('whatever fails, hangs and lags: nothing goes back, and once all is well for two minutes the newest is read', async () => {
  const steps = fc.array(step, { minLength: 10, maxLength: 60 })
  await fc.assert(
    fc.asyncProperty(steps, async taken => {
      const world = new World()
      const { cache, clock, regions } = world
      await cache.getSecret(id)
      for (const next of taken) await world.take(next)
      for (const fake of regions) fake.recover()
      for (const _ of [1, 2, 3, 4]) {
        await clock.advance(31_000)
        await cache.getSecret(id).catch(() => {})
      }
      const refreshed = cache.refreshNow(id)
      await clock.advance(5_000)
      expect((await refreshed).text()).toBe(world.newest)
      expect(world.goneBack).toEqual([])
      await cache.close()
    }),
    { numRuns: Number(process.env.MODEL_RUNS ?? 150), seed: Number(process.env.MODEL_SEED ?? 20_260_101) },
  )
}, 60_000)
