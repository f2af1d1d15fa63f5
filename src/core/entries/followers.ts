/** A version that a follower has not heard of yet. */
export interface Change {
  readonly versionId: string
  readonly previousVersionId: string
}

/** What is followed. */
interface Followed<Entry> {
  followers: Set<Follower<Entry>> | undefined
  readonly held: { readonly versionId: string } | undefined
  readonly lastVersionId: string | undefined
}

/** A pool, a swap or a listener of a handle. It goes where its secret goes: only the functions below change it. */
export interface Follower<Entry> {
  /** The entry that it hears about now, also after two secrets have turned out to be one. */
  entry: Entry
  /** The version that it last heard of; undefined until one is held. Whatever is merged, a change is told once. */
  heardOf: string | undefined
  readonly hear: (change: Change) => void
}

export function follow<Entry extends Followed<Entry>>(entry: Entry, hear: (change: Change) => void): Follower<Entry> {
  const follower: Follower<Entry> = { entry, heardOf: entry.lastVersionId, hear }
  entry.followers ??= new Set()
  entry.followers.add(follower)
  return follower
}

export function unfollow<Entry extends Followed<Entry>>(follower: Follower<Entry>): void {
  follower.entry.followers?.delete(follower)
}

/** Two entries have turned out to be one: who follows the one follows the other from now on. */
export function moveFollowers<Entry extends Followed<Entry>>(from: Entry, into: Entry): void {
  for (const follower of from.followers ?? []) {
    follower.entry = into
    // Who has heard of no version yet is told of the next one.
    follower.heardOf ??= into.lastVersionId
    into.followers ??= new Set()
    into.followers.add(follower)
  }
  from.followers = undefined
}

/**
 * What those are to hear who have heard of another version than the one that is held. It counts as heard from now on, and is told by
 * calling each of these: what one listener does meanwhile takes it from no other.
 */
export function newsForFollowers<Entry extends Followed<Entry>>({ followers, held }: Entry): (() => void)[] {
  if (followers === undefined || held === undefined) return []
  const { versionId } = held
  const news: (() => void)[] = []
  for (const follower of followers) {
    const previousVersionId = follower.heardOf
    follower.heardOf = versionId
    if (previousVersionId === undefined || previousVersionId === versionId) continue
    news.push(() => {
      if (follower.entry.followers?.has(follower)) follower.hear({ versionId, previousVersionId })
    })
  }
  return news
}
