import type { Region } from './region.js'

/** A replica lags by one rotation, or a few. */
const mostLeft = 5

/** Where a label of a secret was seen, and what it has left. */
export interface LabelSeen {
  /** The version that was seen last, and by whom. */
  readonly versionId: string
  readonly by: Witness
  readonly seenAt: number
  /** When it was first seen to be this version. */
  readonly movedAt: number
  /** Those that the label has moved away from, the oldest first, also if the primary has shown it there again. */
  readonly left: readonly string[]
  /** Those of a replica that the primary came back without: that one may have been promoted, until the primary moves on by itself. */
  readonly setAside: readonly string[]
  /** Another one that a replica has shown since, without a break. */
  readonly doubted: Map<Region, { readonly versionId: string; readonly since: number }>
}

export type Witness = 'primary' | 'replica'

/** A primary that goes back may have given an old answer: what the cache has made of it tells. */
export function lastOf({ versionId, left }: LabelSeen, lastKnownGood: string | undefined): string {
  return left.includes(versionId) ? (lastKnownGood ?? versionId) : versionId
}

/** What only a replica has shown is no more to one who goes on with another version than what any replica shows. */
export function isVouchedFor({ versionId, by }: LabelSeen, held: string | undefined): boolean {
  return by === 'primary' || held === undefined || held === versionId
}

/** A label after it was seen, where it was or moved. */
export function movedTo(shown: Omit<LabelSeen, 'left' | 'setAside'>, before: LabelSeen | undefined): LabelSeen {
  const { versionId, by } = shown
  if (before === undefined) return { ...shown, left: [], setAside: [] }
  if (before.versionId === versionId) return { ...before, ...shown, movedAt: before.movedAt }
  const { left, setAside, versionId: last } = before
  const isKnown = left.includes(versionId) || setAside.includes(versionId)
  if (by === 'primary' && !isKnown) return { ...shown, left: latest([...left, ...setAside, last]), setAside: [] }
  const others = (versionIds: readonly string[]): string[] => versionIds.filter(other => other !== versionId)
  // The primary shows what was there before the replica's.
  const isBehind = by === 'primary' && before.by === 'replica' && left.includes(versionId)
  if (isBehind) return { ...shown, left: others(left), setAside: latest([...others(setAside), last]) }
  return { ...shown, left: latest([...left, last]), setAside: others(setAside) }
}

/** The last of several versions, each once. */
export function latest(versionIds: readonly string[]): string[] {
  return [...new Set(versionIds)].slice(-mostLeft)
}
