import { inRegion, isArn, isSameSecret, parseSecretArn } from '../core/secrets/secret-id.js'
import type { SecretRequest, SecretValue, SourceOptions } from '../core/secrets/source.js'
import type { CompleteClock } from '../core/time/clock.js'
import { RecentlyUsed } from '../signals/recently-used.js'
import { isVouchedFor, type LabelSeen, lastOf, latest, movedTo, type Witness } from './label-seen.js'
import type { Region } from './region.js'

/** What was seen of the secret that a name leads to. */
interface Seen {
  /** Its ARN in no Region: there is another secret under the name where that is another one. */
  readonly arn: string
  readonly labels: Map<string, LabelSeen>
}

export type LastKnownGood = SourceOptions['lastKnownGood']

/** What a replica's answer is judged by, beside what was seen. */
interface Situation {
  /** The account of the primary's credentials, if they tell it. */
  readonly ownAccount: string | undefined
  /** The version that the reader goes on with otherwise, null if there is none. Undefined where it is not known, or is not to count. */
  readonly lastKnownGood: LastKnownGood
}

/** A replica is rarely behind for longer. */
const settledAfterMs = 30_000

const mostRemembered = 10_000

/**
 * Tells what of a replica's answers may be handed out: those about the secret that was seen before, and no other of its name; and of that no
 * version by which the replica lags.
 *
 * A version says nothing of its age, and dates do not either. So one that the label has left is never believed, and another than the last
 * only if the replica still shows it 30 seconds later, or, for a reader that has nothing else, if the last was seen so long ago. Only ARNs
 * and ids of versions are kept, no values.
 */
export class SecretsSeen {
  readonly #clock: CompleteClock
  /** By account and name. */
  readonly #seen = new RecentlyUsed<string, Seen>(mostRemembered)
  /** The ARNs of all that was seen, in no Region: what is asked for by one of them is that secret. */
  readonly #arns = new RecentlyUsed<string, true>(mostRemembered)
  /** The account that names lead to. */
  #home: string | undefined

  constructor(clock: CompleteClock) {
    this.#clock = clock
  }

  /** Notes what the primary has shown. */
  shown(value: SecretValue, request: SecretRequest): void {
    if (!isArn(request.secretId)) this.#home ??= parseSecretArn(value.arn)?.account
    this.#note(value, request, 'primary')
  }

  /** Notes that a replica's answer is now the last known good. */
  handedOut(value: SecretValue, request: SecretRequest): void {
    this.#note(value, request, 'replica')
  }

  /** Whether what a replica shows may be handed out. */
  believes(value: SecretValue, replica: Region, request: SecretRequest, { ownAccount, lastKnownGood }: Situation): boolean {
    const { versionId } = value
    if (!this.#isTheOne(value, request, ownAccount)) return false
    if (lastKnownGood && !isSameSecret(lastKnownGood.arn, value.arn)) return false
    if (request.versionId !== undefined) return true
    if (lastKnownGood) this.#noteHeld(value, request, lastKnownGood)
    const label = this.#seen.get(keyOf(value))?.labels.get(labelOf(request))
    const held = lastKnownGood?.versionId
    if (label === undefined || (versionId === lastOf(label, held) && isVouchedFor(label, held))) {
      label?.doubted.delete(replica)
      return true
    }
    if (label.left.includes(versionId)) return false
    const now = this.#clock.elapsedMs()
    // No replica is behind any more, so this is a newer one.
    if (lastKnownGood === null && now - label.seenAt >= settledAfterMs) return true
    const before = label.doubted.get(replica)
    const doubt = before?.versionId === versionId ? before : { versionId, since: now }
    label.doubted.set(replica, doubt)
    return now - doubt.since >= settledAfterMs
  }

  /** A version that a cache has and no Region has shown was written through the cache: before what the primary has shown last, or after. */
  #noteHeld(value: SecretValue, request: SecretRequest, { versionId, ageMs }: NonNullable<LastKnownGood>): void {
    const labels = this.#seen.get(keyOf(value))?.labels
    const label = labels?.get(labelOf(request))
    if (label && [label.versionId, ...label.left, ...label.setAside].includes(versionId)) return
    const movedAt = this.#clock.elapsedMs() - ageMs
    if (label === undefined || movedAt >= label.movedAt) this.#note({ ...value, versionId }, request, 'primary', movedAt)
    else if (label.by === 'primary') labels?.set(labelOf(request), { ...label, left: latest([...label.left, versionId]) })
  }

  /** Whether it can be the very secret that is asked for: an account has one of a name, and the end of the ARN tells it from an earlier one. */
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
    // A replica that lags takes nothing from what another one has shown for a while. The primary does: it would know.
    if (by === 'replica' && label?.versionId === value.versionId) return
    const shown = { versionId: value.versionId, by, seenAt: this.#clock.elapsedMs(), movedAt, doubted: new Map() }
    seen.labels.set(labelOf(request), movedTo(shown, label))
  }
}

function labelOf({ versionStage }: SecretRequest): string {
  return versionStage ?? 'AWSCURRENT'
}

/** Of one name an account has one secret, whatever Region shows it. */
function keyOf({ arn, name }: SecretValue): string {
  return `${parseSecretArn(arn)?.account ?? ''} ${name}`
}

function withoutRegion(arn: string): string {
  return inRegion(arn, '*')
}
