import { SecretCacheError } from '../core/failures/errors.js'
import { errorFor } from '../core/failures/failure.js'
import { aClient, aFiniteDuration, checkOptions, type OptionRule } from '../core/options/check-options.js'
import type { Secret } from '../core/secrets/secret.js'
import { pauseAfter } from '../core/time/backoff.js'
import { sleep } from '../core/time/clock.js'
import { KeepAlive } from '../core/time/keep-alive.js'
import { closedError } from './admin-error.js'
import { type AdministeredCache, type AdminOptions, accessTo } from './administered-cache.js'
import { inTurn } from './in-turn.js'
import { type Answered, type Call, send } from './send.js'
import type { WriteAccess } from './write-access.js'

/** What `rotateNow` takes. */
export interface RotateNowOptions extends AdminOptions {
  /** How long to wait for the new version. @default 60_000 */
  waitMs?: number | undefined
}

/** A rotation that is waited for. */
interface Awaited {
  readonly before: Secret
  /** A number drawn before the rotation began. */
  readonly begunAt: number
  /** The version that is to become current; undefined if another rotation was under way. */
  readonly expected: string | undefined
}

const rules: Readonly<Record<string, OptionRule>> = {
  client: aClient,
  waitMs: aFiniteDuration,
}

/** How often it is looked whether a rotation is over, if no event tells. */
const lookEvery = { initialMs: 1_000, factor: 1.5, maxMs: 5_000 }

/**
 * Has Secrets Manager rotate a secret now, and resolves with the new version once the cache holds it: after a leak, from code.
 *
 * Rejects with ERR_SECRET_TIMEOUT if that takes longer than `waitMs`, and at once with what no waiting mends: a denied read, missing
 * credentials. The rotation goes on. One that is under way already is waited for.
 *
 * @example
 * const secret = await rotateNow(secrets, 'prod/db', { waitMs: 120_000 })
 */
export async function rotateNow(cache: AdministeredCache, secretId: string, options: RotateNowOptions = {}): Promise<Secret> {
  checkOptions('rotateNow', options, rules)
  const { waitMs = 60_000, client } = options
  const access = accessTo(cache, secretId)
  const before = await cache.refreshNow(secretId)
  return new KeepAlive().during(() => rotateFrom(before, { cache, access, secretId, client, waitMs }))
}

/** What a rotation needs. */
interface Asked {
  readonly cache: AdministeredCache
  readonly access: WriteAccess
  readonly secretId: string
  readonly client: Call['client']
  readonly waitMs: number
}

async function rotateFrom(before: Secret, { cache, access, secretId, client, waitMs }: Asked): Promise<Secret> {
  const { clock, closing } = access
  let news = new AbortController()
  const unlisten = cache.on('rotated', ({ arn }) => {
    if (arn === before.arn) news.abort()
  })
  try {
    const input = { SecretId: secretId, RotateImmediately: true }
    const { begunAt } = access.begin(secretId)
    const begun = await begin({ access, secretId, client, operation: 'RotateSecret', input })
    const rotation = { before, begunAt, expected: begun?.VersionId }
    const until = clock.elapsedMs() + waitMs
    for (let round = 1; ; round += 1) {
      const pauseMs = Math.min(pauseAfter(round, lookEvery), until - clock.elapsedMs())
      await sleep(clock, pauseMs, AbortSignal.any([news.signal, closing])).catch(() => {})
      news = new AbortController()
      const secret = await look(access, secretId, rotation)
      if (secret !== undefined) return secret
      if (clock.elapsedMs() >= until) throw tookTooLong(secretId, waitMs)
    }
  } finally {
    unlisten()
  }
}

/** Begins the rotation. Answers undefined if one is under way: the service takes that up again, and says so by an error. */
async function begin(call: Call): Promise<Answered | undefined> {
  try {
    return await inTurn(call, () => send(call))
  } catch (error) {
    if (/previous rotation isn.t complete/i.test(String(error))) return undefined
    throw error
  }
}

/** What is current, if that is the new version: from memory where an event has brought it, else by a load. */
async function look(access: WriteAccess, secretId: string, { before, begunAt, expected }: Awaited): Promise<Secret | undefined> {
  if (access.closing.aborted) throw closedError(secretId, 'RotateSecret')
  const held = access.fresh(secretId)
  if (held !== undefined && held.versionId === expected) return held
  const announced = expected === undefined ? [] : ([[expected, { sequence: begunAt, isLater: true }]] as const)
  const outcome = await access.refresh(secretId, { announced })
  // What passes may pass before the time is up. Configuration and credentials are mended by people.
  if ('failure' in outcome && outcome.failure.kind === 'transient' && outcome.failure.waitingHelps) return undefined
  if ('failure' in outcome) throw errorFor(outcome.failure, secretId)
  const { secret, versionId } = outcome.held
  if (versionId === before.versionId) return undefined
  const isNew = expected === undefined || versionId === expected || (await wasFollowed(access, secretId, expected))
  return isNew ? secret : undefined
}

/** Whether a version was current and is no more, because of another rotation or write: the one that is now came after it. */
async function wasFollowed(access: WriteAccess, secretId: string, versionId: string): Promise<boolean> {
  const outcome = await access.refresh(secretId, { versionId })
  return 'held' in outcome && outcome.held.versionStages.includes('AWSPREVIOUS')
}

function tookTooLong(secretId: string, waitMs: number): SecretCacheError {
  return new SecretCacheError({
    code: 'ERR_SECRET_TIMEOUT',
    message: `The rotation of ${secretId} was not over within ${waitMs} ms.`,
    secretId,
    hint: 'It goes on, and Secrets Manager tries again if it fails. The log of the rotation function says where it is; AWSPENDING is the version that it makes.',
  })
}
