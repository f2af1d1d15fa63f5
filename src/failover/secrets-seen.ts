import { inRegion } from '../core/secrets/secret-id.js'
import type { SecretValue } from '../core/secrets/source.js'
import type { CompleteClock } from '../core/time/clock.js'
import { RecentlyUsed } from '../signals/recently-used.js'

interface Seen {
  /** The version that was handed out last. */
  readonly versionId: string
  /** Another one that a replica has shown since, without a break. */
  doubted?: { readonly versionId: string; readonly since: number } | undefined
}

/** A replica is rarely behind for longer. */
const settledAfterMs = 30_000

const mostRemembered = 10_000

/**
 * Tells a replica that is ahead from one that lags.
 *
 * A version says nothing of its age, and dates do not either: a rollback moves to an older one. So another version than the last is
 * believed only if a replica still shows it 30 seconds later. Only ids of versions are kept, no values.
 */
export class VersionsSeen {
  readonly #clock: CompleteClock
  readonly #seen = new RecentlyUsed<string, Seen>(mostRemembered)

  constructor(clock: CompleteClock) {
    this.#clock = clock
  }

  /** Notes that this version is now the last known good. */
  handOut(value: SecretValue, versionStage?: string): void {
    this.#seen.set(keyOf(value, versionStage), { versionId: value.versionId })
  }

  /** Whether what a replica shows may be handed out. */
  believes(value: SecretValue, versionStage?: string): boolean {
    const seen = this.#seen.get(keyOf(value, versionStage))
    const { versionId } = value
    if (seen === undefined || seen.versionId === versionId) return true
    const now = this.#clock.now()
    const isSame = seen.doubted?.versionId === versionId && seen.doubted.since <= now
    if (!isSame) seen.doubted = { versionId, since: now }
    return seen.doubted !== undefined && now - seen.doubted.since >= settledAfterMs
  }
}

/** One key for a secret and its replicas. */
function keyOf({ arn }: SecretValue, versionStage = 'AWSCURRENT'): string {
  return `${inRegion(arn, '*')} ${versionStage}`
}
