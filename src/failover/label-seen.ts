import type { Region } from './region.js'

/** How many old versions to remember: a replica lags by one rotation, or by a few. */
const mostLeft = 5

/** The version that a label of a secret was last seen on, and the versions that it has left. */
export interface LabelSeen {
  /** The version that was seen last, and who has shown it. */
  readonly versionId: string
  readonly by: Witness
  readonly seenAt: number
  /** When the label was first seen on this version. */
  readonly movedAt: number
  /** The versions that the label has left, the oldest first, even if the primary has shown one of them again. */
  readonly left: readonly string[]
  /** Versions of a replica that the primary did not have when it came back: the replica may have been promoted. Reset when the primary moves on. */
  readonly setAside: readonly string[]
  /** Another version that a replica has shown since then without interruption. */
  readonly doubted: Map<Region, { readonly versionId: string; readonly since: number }>
}

export type Witness = 'primary' | 'replica'

/** The last version. A primary that shows a version again may have returned an old response: then the version that the cache serves counts. */
export function lastOf({ versionId, left }: LabelSeen, lastKnownGood: string | undefined): string {
  return left.includes(versionId) ? (lastKnownGood ?? versionId) : versionId
}

/** Whether the last version may be returned at once. One that only a replica has shown may not, to a cache that serves another version. */
export function isVouchedFor({ versionId, by }: LabelSeen, held: string | undefined): boolean {
  return by === 'primary' || held === undefined || held === versionId
}

/** The label after it was seen, on the same version or on another one. */
export function movedTo(shown: Omit<LabelSeen, 'left' | 'setAside'>, before: LabelSeen | undefined): LabelSeen {
  const { versionId, by } = shown
  if (before === undefined) return { ...shown, left: [], setAside: [] }
  if (before.versionId === versionId) return { ...before, ...shown, movedAt: before.movedAt }
  const { left, setAside, versionId: last } = before
  const isKnown = left.includes(versionId) || setAside.includes(versionId)
  if (by === 'primary' && !isKnown) return { ...shown, left: latest([...left, ...setAside, last]), setAside: [] }
  const others = (versionIds: readonly string[]): string[] => versionIds.filter(other => other !== versionId)
  // The primary shows a version from before that of the replica.
  const isBehind = by === 'primary' && before.by === 'replica' && left.includes(versionId)
  if (isBehind) return { ...shown, left: others(left), setAside: latest([...others(setAside), last]) }
  return { ...shown, left: latest([...left, last]), setAside: others(setAside) }
}

/** The latest of several versions, without duplicates. */
export function latest(versionIds: readonly string[]): string[] {
  return [...new Set(versionIds)].slice(-mostLeft)
}
