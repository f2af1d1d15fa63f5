import type { Loaded } from '../entries/entry.js'
import { newsForFollowers } from '../entries/followers.js'
import { HeldVersion } from '../entries/held-version.js'
import type { Merged } from '../entries/secret-index.js'
import type { Place } from '../entries/selector.js'
import type { SecretValue } from '../secrets/source.js'
import { describe, rotation, settle } from './announce.js'
import type { LoadContext } from './load-context.js'

/** The result of a load, or of a write through the cache. */
export interface Answer extends Omit<Loaded, 'endedAs'> {
  readonly value: SecretValue
  /** How long the load took; undefined for a write. */
  readonly durationMs?: number
}

/** Stores a response under the secret that it shows, unless something newer is known. Returns the version for the readers of the load. */
export function storeAnswer(context: LoadContext, { secretId, selector }: Place, answer: Answer): HeldVersion {
  const { index, emitter, sequence: order, source } = context
  const { value, sequence, durationMs } = answer
  const merged: Merged[] = []
  const { arn, name } = value
  const record = index.identify({ arn, name, asked: secretId, ownAccount: source.accountId }, merged)
  const entry = record?.entry(selector)
  const stored = entry?.succeed(value, { ...answer, endedAs: order.next() })
  const previousVersionId = stored?.previousVersionId
  const hasMoved = previousVersionId !== undefined
  if (hasMoved && entry?.isCurrent) entry.record.currentMoved(order.next())
  // No event is emitted before all entries are in place, because a listener may call the cache.
  for (const { entry: other } of merged) if (other !== entry) settle(context, other)
  if (entry !== undefined) settle(context, entry)
  const news: (() => void)[] = []
  if (entry !== undefined && stored !== undefined && durationMs !== undefined) {
    const { versionId } = stored.held
    news.push(() => emitter.emit('loaded', () => ({ ...describe(entry), versionId, durationMs })))
  }
  const since = entry?.failingSince
  // An older response that arrives later does not end a later failure.
  if (entry !== undefined && since !== undefined && stored !== undefined && entry.trouble === undefined) {
    entry.failingSince = undefined
    news.push(() => emitter.emit('recovered', () => ({ ...describe(entry), failingMs: context.clock.now() - since })))
  }
  if (hasMoved && entry !== undefined) news.push(rotation(context, entry, previousVersionId))
  for (const each of merged) news.push(...newsOfMerged(context, each, hasMoved && each.entry === entry))
  if (entry !== undefined) news.push(...newsForFollowers(entry))
  for (const tell of news) tell()
  if (stored !== undefined) return stored.held
  // The readers of this load began before it was superseded: its response is valid for them, but a newer one is better.
  const newer = entry?.held
  if (newer !== undefined && newer.sequence > sequence) return newer
  return new HeldVersion(value, context.clock, { loadedAt: answer.sentAt, freshMs: 0, invalidated: false, sequence })
}

/**
 * Learns which secret an id leads to from a response whose version is in doubt: an old response shows that as well as any.
 *
 * It does nothing for an id whose secret is known: an old response may show what the id led to before.
 */
export function learnWhose(context: LoadContext, secretId: string, { arn, name }: SecretValue): void {
  const { index, source } = context
  if (index.findRecord(secretId)?.arn !== undefined) return
  learn(context, merged => index.identify({ arn, name, asked: secretId, ownAccount: source.accountId }, merged))
}

/** Learns the account of plain names from a response that is rejected because its account is not allowed. */
export function learnAccount(context: LoadContext, secretId: string, { arn, name }: SecretValue): void {
  if (secretId === name) learn(context, merged => context.index.learnAccount(arn, merged))
}

/** Lets the index learn from a response, which may merge two records. */
function learn(context: LoadContext, tellIndex: (merged: Merged[]) => void): void {
  const merged: Merged[] = []
  tellIndex(merged)
  for (const { entry } of merged) settle(context, entry)
  for (const tell of merged.flatMap(each => newsOfMerged(context, each, false))) tell()
}

function newsOfMerged(context: LoadContext, { entry, lastVersionId }: Merged, isTold: boolean): (() => void)[] {
  const isNews = !isTold && lastVersionId !== undefined && lastVersionId !== entry.held?.versionId
  return [...(isNews ? [rotation(context, entry, lastVersionId)] : []), ...newsForFollowers(entry)]
}
