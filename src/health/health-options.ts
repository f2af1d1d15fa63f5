import { hasStatus } from '../core/events/status.js'
import { checkOptions, hasMethod, type OptionRule } from '../core/options/check-options.js'
import { isPlainObject } from '../core/secrets/plain-object.js'
import type { Secret } from '../core/secrets/secret.js'
import type { CompleteClock } from '../core/time/clock.js'

/** A `SecretCache`: the methods that appear in public types. */
export interface HealthCache {
  /** Reads a secret that is due to be read again. */
  getSecret(secretId: string): Promise<Secret>
  /** The clock of the cache. */
  readonly clock: CompleteClock
}

/** The options of `createHealth`, each a record of names and objects. */
export interface HealthOptions {
  /** The caches of the process, such as `{ main: secrets }`. */
  caches?: Readonly<Record<string, HealthCache>> | undefined
  /** The pools of `awscurrent/pg` and `awscurrent/mysql2`, and the clients of `awscurrent/ioredis`. */
  pools?: Readonly<Record<string, object>> | undefined
  /** The swaps of `awscurrent/swap`. The report lists them with the pools. */
  swaps?: Readonly<Record<string, object>> | undefined
  /** The queue listeners of `awscurrent/sqs` and the handlers of `awscurrent/sns`. */
  listeners?: Readonly<Record<string, object>> | undefined
  /**
   * The ids of the secrets without which the process cannot work. One that was never read is read by the first check, from the first cache.
   * @default all secrets that the caches have loaded once: any other id may come from a request
   */
  required?: readonly string[] | undefined
}

const isCache = (value: unknown): boolean => ['inside', 'getSecret', 'peek'].every(method => hasMethod(value, method))

function recordOf(what: string, example: string, isMember: (value: unknown) => boolean): OptionRule {
  return value =>
    isPlainObject(value) && Object.values(value).every(isMember) ? undefined : `an object of ${what} by name, such as ${example}`
}

const rules: Readonly<Record<keyof HealthOptions, OptionRule>> = {
  caches: recordOf('SecretCaches', '{ main: secrets }', isCache),
  pools: recordOf('pools that follow a secret', '{ orders: pool }', hasStatus),
  swaps: recordOf('swaps of createSwap', '{ search: swap }', hasStatus),
  listeners: recordOf('listeners of listenToQueue or createSnsHandler', '{ queue: listener }', hasStatus),
  required: value => {
    const isIds = Array.isArray(value) && value.every(id => typeof id === 'string' && id !== '')
    return isIds ? undefined : "an array of ids of secrets, such as ['prod/db']"
  },
}

export function checkHealthOptions(options: HealthOptions): void {
  checkOptions('createHealth', options, rules)
  const { caches = {}, pools = {}, swaps = {}, required = [] } = options
  const [twice] = Object.keys(swaps).filter(name => Object.hasOwn(pools, name))
  if (twice !== undefined) throw new TypeError(`swaps.${twice} must have another name than the pool.`)
  if (required.length > 0 && Object.keys(caches).length === 0)
    throw new TypeError('caches must name the cache of what is required.')
}
