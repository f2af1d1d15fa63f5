import { randomUUID } from 'node:crypto'
import { aFiniteDuration, checkOptions, type OptionRule } from '../core/options/check-options.js'
import type { Secret } from '../core/secrets/secret.js'
import { KeepAlive } from '../core/time/keep-alive.js'
import { within } from '../signals/within.js'
import { type AdministeredCache, type AdminOptions, accessTo } from './administered-cache.js'
import { Rotation } from './rotation.js'
import { adminRules } from './write-options.js'

/** What `rotateNow` takes. */
export interface RotateNowOptions extends AdminOptions {
  /** How long it may take altogether, until the new version is there. @default 60_000 */
  waitMs?: number | undefined
}

const rules: Readonly<Record<string, OptionRule>> = {
  ...adminRules,
  waitMs: aFiniteDuration,
}

/**
 * Has Secrets Manager rotate a secret now, and resolves with the new version once the cache holds it: after a leak, from code.
 *
 * Rejects with ERR_SECRET_TIMEOUT if that takes longer than `waitMs`, with the reason of `signal` if that aborts, and at once with what no
 * waiting mends: a denied read, missing credentials. A rotation that has begun goes on. One that is under way already is waited for, and
 * `secretsmanager:DescribeSecret` tells which version it makes. A version that somebody writes meanwhile is not taken for the new one.
 *
 * @example
 * const secret = await rotateNow(secrets, 'prod/db', { waitMs: 120_000 })
 */
export async function rotateNow(cache: AdministeredCache, secretId: string, options: RotateNowOptions = {}): Promise<Secret> {
  checkOptions('rotateNow', options, rules)
  const { waitMs = 60_000, client, signal, clientRequestToken } = options
  const access = accessTo(cache, secretId)
  const token = clientRequestToken ?? randomUUID()
  const rotation = new Rotation({ cache, access, secretId, client, token, isOwnToken: clientRequestToken !== undefined })
  try {
    return await new KeepAlive().during(() => within(access.clock, waitMs, stop => rotation.run(stop, waitMs), signal))
  } catch (thrown) {
    rotation.leave()
    signal?.throwIfAborted()
    throw thrown instanceof DOMException && thrown.name === 'TimeoutError' ? rotation.tookTooLong(waitMs) : thrown
  }
}
