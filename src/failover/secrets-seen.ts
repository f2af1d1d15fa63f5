import { inRegion, parseSecretArn } from '../core/secrets/secret-id.js'
import type { SecretRequest, SecretValue } from '../core/secrets/source.js'
import type { CompleteClock } from '../core/time/clock.js'
import { RecentlyUsed } from '../signals/recently-used.js'
import type { Region } from './region.js'

/** What was handed out of the secret that a name leads to. */
interface Seen {
  /** Its ARN in no Region: there is another secret under the name where that is another one. */
  readonly arn: string
  readonly labels: Map<string, LabelSeen>
}

interface LabelSeen {
  /** The version that was handed out last. */
  readonly versionId: string
  /** Another one that a replica has shown since, without a break. */
  readonly doubted: Map<Region, { readonly versionId: string; readonly since: number }>
}

/** A replica is rarely behind for longer. */
const settledAfterMs = 30_000

const mostRemembered = 10_000

/**
 * Tells what of a replica's answers may be handed out: those about the secret that was handed out before, and no other of its name; and of
 * that no version by which the replica lags.
 *
 * A version says nothing of its age, and dates do not either: a rollback moves to an older one. So another version than the last is
 * believed only if the replica still shows it 30 seconds later. Only ARNs and ids of versions are kept, no values.
 */
export class SecretsSeen {
  readonly #clock: CompleteClock
  readonly #seen = new RecentlyUsed<string, Seen>(mostRemembered)

  constructor(clock: CompleteClock) {
    this.#clock = clock
  }

  /** Notes that this version is now the last known good. `replica` is where it is from, if that is none of the primary's answers. */
  handOut(value: SecretValue, replica: Region | undefined, { versionStage, versionId }: Partial<SecretRequest> = {}): void {
    const arn = withoutRegion(value.arn)
    const before = this.#seen.get(keyOf(value))
    const seen = before?.arn === arn ? before : { arn, labels: new Map<string, LabelSeen>() }
    this.#seen.set(keyOf(value), seen)
    if (versionId !== undefined) return
    const label = seen.labels.get(labelOf(versionStage))
    // A replica that lags takes nothing from what another one has shown for a while. The primary does: it would know.
    const isConfirmed = replica !== undefined && label?.versionId === value.versionId
    if (!isConfirmed) seen.labels.set(labelOf(versionStage), { versionId: value.versionId, doubted: new Map() })
  }

  /** Whether what a replica shows may be handed out. */
  believes(value: SecretValue, replica: Region, { versionStage, versionId }: Partial<SecretRequest> = {}): boolean {
    const seen = this.#seen.get(keyOf(value))
    if (seen !== undefined && seen.arn !== withoutRegion(value.arn)) return false
    const label = seen?.labels.get(labelOf(versionStage))
    if (versionId !== undefined || label === undefined || label.versionId === value.versionId) {
      label?.doubted.delete(replica)
      return true
    }
    const now = this.#clock.now()
    const before = label.doubted.get(replica)
    const doubt =
      before?.versionId === value.versionId && before.since <= now ? before : { versionId: value.versionId, since: now }
    label.doubted.set(replica, doubt)
    return now - doubt.since >= settledAfterMs
  }
}

function labelOf(versionStage: string | undefined): string {
  return versionStage ?? 'AWSCURRENT'
}

/** Of one name an account has one secret, whatever Region shows it. */
function keyOf({ arn, name }: SecretValue): string {
  return `${parseSecretArn(arn)?.account ?? ''} ${name}`
}

function withoutRegion(arn: string): string {
  return inRegion(arn, '*')
}
