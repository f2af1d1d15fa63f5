import { aClock, aDuration, checkOptions, hasMethod, type OptionRule } from '../core/options/check-options.js'
import type { SecretSource } from '../core/secrets/source.js'
import { type Clock, completeClock } from '../core/time/clock.js'
import { Failover } from './failover.js'
import { Region, type RegionOrigin } from './region.js'

/** Options of `failoverSource`. */
export interface FailoverSourceOptions {
  /**
   * How many milliseconds a Region may take before the next one is read. The last one has the rest of the load's time. If the
   * `loadTimeoutMs` of the cache is too short for all Regions, each gets an equal part of it.
   * @default 2_000
   */
  timeoutMs?: number | undefined
  /** The clock for the timeouts, such as that of your tests. @default the clock of the machine */
  clock?: Clock | undefined
}

const finite: OptionRule = value => (value === Number.POSITIVE_INFINITY ? 'a finite number of milliseconds' : aDuration(value))

const rules: Readonly<Record<string, OptionRule>> = { timeoutMs: finite, clock: aClock }

/**
 * Creates a source that reads secrets from a primary Region, and from its replicas while the primary fails. Pass the primary first.
 *
 * A replica is read when the primary cannot be reached, fails or is late; not when the primary throttles, and never when it denies: access
 * denied, not found, deleted. Another secret of the same name is never taken for a replica of the one that was read before.
 *
 * Replicas lag. So a version that the label has left is never accepted from a replica, and a version other than the last one returned only
 * if the replica still shows it 30 seconds later. Until then, a read fails for a transient reason, and the cache serves what it has. For a
 * cache with nothing to serve, it is accepted at once if the primary has not shown the secret for 30 seconds. When the primary is back, its
 * response counts at once; the replicas are no longer read once it has responded three times in a row.
 *
 * @example
 * import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
 *
 * const regions = ['eu-west-1', 'eu-central-1'].map(region => new SecretsManagerClient({ region }))
 * const secrets = new SecretCache({ source: failoverSource(regions) })
 */
export function failoverSource(regions: readonly RegionOrigin[], options: FailoverSourceOptions = {}): SecretSource {
  const [primary, ...replicas] = regionsFrom(regions)
  checkOptions('failoverSource', options, rules)
  const { timeoutMs = 2_000 } = options
  const failover = new Failover(primary, replicas, { timeoutMs, clock: completeClock(options.clock) })
  const all = [primary, ...replicas]
  return {
    // Retries are left to the cache only if every Region leaves them to it.
    singleAttempt: all.every(({ singleAttempt }) => singleAttempt),
    get accountId() {
      return all.find(({ accountId }) => accountId !== undefined)?.accountId
    },
    get: (request, given) => failover.get(request, given),
    ...(all.every(({ hasBatches }) => hasBatches) && {
      getMany: (secretIds, given) => failover.getMany(secretIds, given),
    }),
    async close() {
      await Promise.all(all.map(region => region.close()))
    },
  }
}

function regionsFrom(origins: readonly RegionOrigin[]): [Region, ...Region[]] {
  const isRight = Array.isArray(origins) && origins.every(origin => hasMethod(origin, 'get') || hasMethod(origin, 'send'))
  const [primary, ...replicas] = isRight ? origins : []
  if (primary === undefined) {
    throw new TypeError(
      'failoverSource takes a list of sources or clients of the AWS SDK v3, one for each Region, the primary first.',
    )
  }
  return [new Region(primary, { isPrimary: true }), ...replicas.map(origin => new Region(origin, { isPrimary: false }))]
}
