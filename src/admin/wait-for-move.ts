import { pauseAfter } from '../core/backoff.js'
import { type CompleteClock, sleep } from '../core/clock.js'
import { SecretCacheError, type SecretCacheErrorCode } from '../core/errors.js'
import { KeepAlive } from '../core/keep-alive.js'
import type { Secret } from '../core/secret.js'
import type { SecretCache } from '../core/secret-cache.js'

/** How often it is looked whether a rotation is over, if no event tells. */
const lookEvery = { initialMs: 500, factor: 1.5, maxMs: 5_000 }

/** Failures of a look that may pass before the time is up. */
const passing: readonly SecretCacheErrorCode[] = ['ERR_SECRET_TIMEOUT', 'ERR_SECRET_THROTTLED', 'ERR_SECRET_UNAVAILABLE']

/** A rotation that is waited for. */
export interface Awaited {
  readonly secretId: string
  /** What was current when it began. */
  readonly before: string
  /** The version that is to become current, if it is known. */
  readonly expected: string | undefined
  readonly waitMs: number
}

/** Resolves with the new version once the cache holds it: as soon as an event tells, and by looking, less and less often. */
export async function waitForMove(
  cache: Pick<SecretCache, 'on' | 'peek' | 'refreshNow'>,
  clock: CompleteClock,
  { secretId, before, expected, waitMs }: Awaited,
): Promise<Secret> {
  const hasMoved = (secret: Secret | undefined): secret is Secret =>
    secret !== undefined && (expected === undefined ? secret.versionId !== before : secret.versionId === expected)
  const look = async (): Promise<Secret | undefined> => {
    const known = cache.peek(secretId)
    if (hasMoved(known) && !known.stale) return known
    try {
      return await cache.refreshNow(secretId)
    } catch (error) {
      if (passing.includes((error as SecretCacheError).code)) return undefined
      throw error
    }
  }

  const until = clock.now() + waitMs
  let pause = new AbortController()
  const unlisten = cache.on('rotated', () => pause.abort())
  const keepAlive = new KeepAlive()
  keepAlive.hold()
  try {
    for (let round = 1; ; round += 1) {
      pause = new AbortController()
      const secret = await look()
      if (hasMoved(secret)) return secret
      const leftMs = until - clock.now()
      if (leftMs <= 0) throw tookTooLong(secretId, waitMs)
      await sleep(clock, Math.min(pauseAfter(round, lookEvery), leftMs), pause.signal).catch(() => {})
    }
  } finally {
    unlisten()
    keepAlive.release()
  }
}

function tookTooLong(secretId: string, waitMs: number): SecretCacheError {
  return new SecretCacheError({
    code: 'ERR_SECRET_TIMEOUT',
    message: `The rotation of ${secretId} was not over within ${waitMs} ms.`,
    secretId,
    hint: 'It goes on, and Secrets Manager tries again if it fails. The log of the rotation function says where it is; AWSPENDING is the version that it makes.',
  })
}
