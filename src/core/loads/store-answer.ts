import type { Loaded } from '../entries/entry.js'
import { newsForFollowers } from '../entries/followers.js'
import { HeldVersion } from '../entries/held-version.js'
import type { Merged } from '../entries/secret-index.js'
import type { Place } from '../entries/selector.js'
import type { SecretValue } from '../secrets/source.js'
import { describe, rotation, settle } from './announce.js'
import type { LoadContext } from './load-context.js'

/** What a load, or a write from here, has brought. */
export interface Answer extends Omit<Loaded, 'endedAs'> {
  readonly value: SecretValue
  /** How long the load took; undefined for a write. */
  readonly durationMs?: number
}

/** Stores an answer under the secret that it reveals, unless something newer is known. What the load's readers are given. */
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
  // Nobody hears of anything before all is in its place: a listener may call the cache.
  for (const { entry: other } of merged) if (other !== entry) settle(context, other)
  if (entry !== undefined) settle(context, entry)
  const news: (() => void)[] = []
  if (entry !== undefined && stored !== undefined && durationMs !== undefined) {
    const { versionId } = stored.held
    news.push(() => emitter.emit('loaded', () => ({ ...describe(entry), versionId, durationMs })))
  }
  if (hasMoved && entry !== undefined) news.push(rotation(context, entry, previousVersionId))
  for (const each of merged) news.push(...newsOfMerged(context, each, hasMoved && each.entry === entry))
  if (entry !== undefined) news.push(...newsForFollowers(entry))
  for (const tell of news) tell()
  if (stored !== undefined) return stored.held
  // The readers of this load asked before it was superseded: its answer is good for them, a newer one is better.
  const newer = entry?.held
  if (newer !== undefined && newer.sequence > sequence) return newer
  return new HeldVersion(value, context.clock, { loadedAt: answer.sentAt, freshMs: 0, invalidated: false, sequence })
}

/**
 * Takes in whose an answer is whose version need not be believed: an old answer tells as well as any to which secret an id leads.
 *
 * Of an id that leads to a secret already, an old answer may tell what it led to before.
 */
export function learnWhose(context: LoadContext, secretId: string, { arn, name }: SecretValue): void {
  const { index, source } = context
  if (index.findRecord(secretId)?.arn !== undefined) return
  learn(context, merged => index.identify({ arn, name, asked: secretId, ownAccount: source.accountId }, merged))
}

/** Takes in of an answer that is refused, because its account is not allowed, whose plain names are. */
export function learnAccount(context: LoadContext, secretId: string, { arn, name }: SecretValue): void {
  if (secretId === name) learn(context, merged => context.index.learnAccount(arn, merged))
}

/** Has the index take in what an answer tells, which may make one secret of two. */
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
