import { inRegion, isArn, isSameSecret, parseSecretArn } from '../core/secrets/secret-id.js'
import type { SecretRequest, SecretValue, SourceOptions } from '../core/secrets/source.js'
import type { CompleteClock } from '../core/time/clock.js'
import { RecentlyUsed } from '../signals/recently-used.js'
import { isVouchedFor, type LabelSeen, lastOf, latest, movedTo, type Witness } from './label-seen.js'
import type { Region } from './region.js'

/** What was seen of the secret with a name. */
interface Seen {
  /** Its ARN without the Region. If that is different, another secret has the name. */
  readonly arn: string
  readonly labels: Map<string, LabelSeen>
}

type LastKnownGood = SourceOptions['lastKnownGood']

/** What the cache has. */
export interface Held {
  /** The version that is served otherwise; null if there is none, undefined if it is not known or must not count. */
  readonly lastKnownGood?: LastKnownGood
  /** That version, if the label has probably moved on from it: only the primary knows that at once. */
  readonly outdatedId?: string | undefined
}

/** What decides about a replica's response besides what was seen. */
interface Situation extends Held {
  /** The account of the primary's credentials, if known. */
  readonly ownAccount: string | undefined
}

/** A replica rarely lags for longer. */
const settledAfterMs = 30_000

const mostRemembered = 10_000

/**
 * Decides which responses of a replica may be returned: only those about the secret that was seen before and not another of the same name,
 * and no old version from a replica that lags.
 *
 * The id of a version shows no age, and neither do dates. So a version that the label has left is never accepted, and another than the last
 * one only if the replica still shows it 30 seconds later or, for a reader that has nothing else, if the last one was seen that long ago.
 * Only ARNs and version ids are kept, no values.
 */
export class SecretsSeen {
  readonly #clock: CompleteClock
  /** Keyed by account and name. */
  readonly #seen = new RecentlyUsed<string, Seen>(mostRemembered)
  /** The ARNs of all secrets that were seen, without the Region: a request by one of them is for exactly that secret. */
  readonly #arns = new RecentlyUsed<string, true>(mostRemembered)
  /** The account in which names are looked up. */
  #home: string | undefined

  constructor(clock: CompleteClock) {
    this.#clock = clock
  }

  /** Records a response of the primary. */
  shown(value: SecretValue, request: SecretRequest): void {
    if (!isArn(request.secretId)) this.#home ??= parseSecretArn(value.arn)?.account
    this.#note(value, request, 'primary')
  }

  /** Records that a replica's response was returned, and so is the last known good value. */
  handedOut(value: SecretValue, request: SecretRequest): void {
    this.#note(value, request, 'replica')
  }

  /** Whether a replica's response may be returned. */
  believes(value: SecretValue, replica: Region, request: SecretRequest, situation: Situation): boolean {
    const { ownAccount, lastKnownGood, outdatedId } = situation
    const { versionId } = value
    if (!this.#isTheOne(value, request, ownAccount)) return false
    if (lastKnownGood && !isSameSecret(lastKnownGood.arn, value.arn)) return false
    if (request.versionId !== undefined) return true
    if (lastKnownGood) this.#noteHeld(value, request, lastKnownGood)
    const label = this.#seen.get(keyOf(value))?.labels.get(labelOf(request))
    const held = lastKnownGood?.versionId
    const isLast = label !== undefined && versionId === lastOf(label, held) && isVouchedFor(label, held)
    if (label === undefined || (isLast && versionId !== outdatedId)) {
      // Another cache may still count for how long the replica has shown this version.
      if (label?.doubted.get(replica)?.versionId !== versionId) label?.doubted.delete(replica)
      return true
    }
    if (label.left.includes(versionId)) return false
    const now = this.#clock.elapsedMs()
    // After that time no replica lags any more, so this version is newer.
    if (lastKnownGood === null && now - label.seenAt >= settledAfterMs) return true
    const before = label.doubted.get(replica)
    const doubt = before?.versionId === versionId ? before : { versionId, since: now }
    label.doubted.set(replica, doubt)
    return now - doubt.since >= settledAfterMs
  }

  /** A version that the cache has and no Region has shown was written through the cache, before or after the last one that the primary showed. */
  #noteHeld(value: SecretValue, request: SecretRequest, { versionId, ageMs }: NonNullable<LastKnownGood>): void {
    const labels = this.#seen.get(keyOf(value))?.labels
    const label = labels?.get(labelOf(request))
    if (label && [label.versionId, ...label.left, ...label.setAside].includes(versionId)) return
    const movedAt = this.#clock.elapsedMs() - ageMs
    if (label === undefined || movedAt >= label.movedAt) this.#note({ ...value, versionId }, request, 'primary', movedAt)
    else if (label.by === 'primary') labels?.set(labelOf(request), { ...label, left: latest([...label.left, versionId]) })
  }

  /** Whether it can be the requested secret: an account has one secret of a name, and the suffix of the ARN differs from that of an earlier one. */
  #isTheOne(value: SecretValue, { secretId }: SecretRequest, ownAccount: string | undefined): boolean {
    const arn = withoutRegion(value.arn)
    const asked = withoutRegion(secretId)
    if (this.#arns.get(asked) !== undefined && asked !== arn) return false
    const account = isArn(secretId) ? undefined : (ownAccount ?? this.#home)
    if (account !== undefined && parseSecretArn(value.arn)?.account !== account) return false
    const seen = this.#seen.get(keyOf(value))
    return seen === undefined || seen.arn === arn
  }

  #note(value: SecretValue, request: SecretRequest, by: Witness, movedAt = this.#clock.elapsedMs()): void {
    const arn = withoutRegion(value.arn)
    const before = this.#seen.get(keyOf(value))
    const seen = before?.arn === arn ? before : { arn, labels: new Map<string, LabelSeen>() }
    this.#seen.set(keyOf(value), seen)
    this.#arns.set(arn, true)
    if (request.versionId !== undefined) return
    const label = seen.labels.get(labelOf(request))
    // A replica that shows the last version again must not reset what other replicas have shown since: it may lag. The primary is authoritative.
    if (by === 'replica' && label?.versionId === value.versionId) return
    const doubted: LabelSeen['doubted'] = (by === 'replica' && label?.doubted) || new Map()
    const shown = { versionId: value.versionId, by, seenAt: this.#clock.elapsedMs(), movedAt, doubted }
    seen.labels.set(labelOf(request), movedTo(shown, label))
  }
}

function labelOf({ versionStage }: SecretRequest): string {
  return versionStage ?? 'AWSCURRENT'
}

/** An account has one secret of a name; those in other Regions are its replicas. */
function keyOf({ arn, name }: SecretValue): string {
  return `${parseSecretArn(arn)?.account ?? ''} ${name}`
}

function withoutRegion(arn: string): string {
  return inRegion(arn, '*')
}
