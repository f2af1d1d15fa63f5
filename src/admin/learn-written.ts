import type { HeldVersion } from '../core/entries/held-version.js'
import { accountOf } from '../core/entries/own-account.js'
import type { Place } from '../core/entries/selector.js'
import { accountRefusal, checkAnswer } from '../core/loads/answer.js'
import type { Writes } from '../core/loads/writes.js'
import type { SecretValue } from '../core/secrets/source.js'

/** The moment before a write was sent. */
export interface WriteBegin {
  /** Its number in the order of loads. */
  readonly begunAt: number
  /** Its time: a response that waited in a paused process is as old as its request. */
  readonly sentAt: number
  /** The version that was held then. */
  readonly versionId: string | undefined
}

/** Whether a write is newer than another version that was stored since: in doubt while its labels cannot be read. */
type Standing = 'newest' | 'overtaken' | 'in doubt'

/**
 * Stores a version that a write has made current: results of loads that began before it are no longer stored.
 *
 * If another version was stored meanwhile, it may be newer or older than the write; the labels of the written version show which. Undefined
 * if the write was overtaken.
 */
export async function learnWritten(
  writes: Writes,
  place: Place,
  value: SecretValue,
  { begunAt, sentAt, versionId }: WriteBegin,
): Promise<HeldVersion | undefined> {
  const { allowedAccounts, index, sequence } = writes.context
  const checked = checkAnswer(value)
  const refusal = accountRefusal(accountOf(checked.arn), allowedAccounts)
  if (refusal !== undefined) throw refusal
  const store = (order: number): HeldVersion => writes.store(place, { value: checked, sentAt, sequence: order })
  // Creates the entry if the secret was never read, so that the written version is kept.
  index.entry(place)
  let held = store(begunAt)
  // Known only now: the write itself may show which secret an earlier response was about.
  const isContested = held.sequence !== begunAt || held.invalidated || index.find(place)?.held !== held
  const standing = isContested ? await standingOf(writes, place, checked, versionId) : 'newest'
  if (standing === 'overtaken') return undefined
  if (isContested) held = store(sequence.next())
  const entry = index.find(place)
  entry?.markMoved()
  // Until a load has succeeded, the other version may be the newer one.
  if (standing === 'in doubt') entry?.announce(sequence.next())
  if (isContested) void writes.loader.refresh(place)
  return held
}

/** Reads the labels of a written version, if the held version is neither that one nor the one before it. */
async function standingOf(
  { context, loader }: Writes,
  { secretId, selector }: Place,
  written: SecretValue,
  before: string | undefined,
): Promise<Standing> {
  const heldId = context.index.find({ secretId, selector })?.held?.versionId
  if (heldId === undefined || heldId === before || heldId === written.versionId) return 'newest'
  const outcome = await loader.refresh({ secretId, selector: { versionId: written.versionId } })
  if (!('held' in outcome)) return 'in doubt'
  return outcome.held.versionStages.includes(selector.versionStage as string) ? 'newest' : 'overtaken'
}
