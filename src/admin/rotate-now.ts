import { randomUUID } from 'node:crypto'
import { aFiniteDuration, checkOptions, type OptionRule } from '../core/options/check-options.js'
import type { Secret } from '../core/secrets/secret.js'
import { KeepAlive } from '../core/time/keep-alive.js'
import { within } from '../core/time/within.js'
import { type AdministeredCache, type AdminOptions, accessTo } from './administered-cache.js'
import { Rotation } from './rotation.js'
import { adminRules } from './write-options.js'

/** Options of `rotateNow`. */
export interface RotateNowOptions extends AdminOptions {
  /** How many milliseconds to wait, in total, for the new version. Then it rejects with ERR_SECRET_TIMEOUT. @default 60_000 */
  waitMs?: number | undefined
}

const rules: Readonly<Record<string, OptionRule>> = {
  ...adminRules,
  waitMs: aFiniteDuration,
}

/**
 * Starts a rotation of a secret now, and resolves with the new version once the cache holds it. Use it from code, after a leak for example.
 *
 * Rejects with ERR_SECRET_TIMEOUT if that takes longer than `waitMs`, with the reason of `signal` if that aborts, and at once for a failure
 * that waiting does not help, such as a denied read or missing credentials. A rotation that has begun goes on. If one is already under way,
 * this waits for it, and needs `secretsmanager:DescribeSecret` to know which version it creates. A version that somebody else writes
 * meanwhile is not taken for the new one.
 *
 * @example
 * const secret = await rotateNow(secrets, 'prod/db', { waitMs: 120_000 })
 */
export async function rotateNow(cache: AdministeredCache, secretId: string, options: RotateNowOptions = {}): Promise<Secret> {
  checkOptions('rotateNow', options, rules)
  const { waitMs = 60_000, client, signal, clientRequestToken } = options
  const access = accessTo(cache, secretId)
  const token = clientRequestToken ?? randomUUID({ disableEntropyCache: true })
  const rotation = new Rotation({ cache, access, secretId, client, token, isOwnToken: clientRequestToken !== undefined })
  try {
    return await new KeepAlive().during(() => within(access.clock, waitMs, stop => rotation.run(stop, waitMs), signal))
  } catch (thrown) {
    rotation.leave()
    signal?.throwIfAborted()
    throw thrown instanceof DOMException && thrown.name === 'TimeoutError' ? rotation.tookTooLong(waitMs) : thrown
  }
}
