/** A change of version that a follower has not heard of yet. */
export interface Change {
  readonly versionId: string
  readonly previousVersionId: string
}

/** An entry that can be followed. */
interface Followed<Entry> {
  followers: Set<Follower<Entry>> | undefined
  readonly held: { readonly versionId: string } | undefined
  readonly lastVersionId: string | undefined
}

/** A pool, a swap or a listener of a handle. It moves along with its secret; only the functions below change it. */
export interface Follower<Entry> {
  /** The entry that it follows now, also after two secrets have turned out to be one. */
  entry: Entry
  /** The version that it last heard of; undefined until one is held. So each change is reported once, even after a merge. */
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

/** Moves the followers of an entry to another one, after both have turned out to be of the same secret. */
export function moveFollowers<Entry extends Followed<Entry>>(from: Entry, into: Entry): void {
  for (const follower of from.followers ?? []) {
    follower.entry = into
    // A follower that has not heard of any version yet hears of the next change.
    follower.heardOf ??= into.lastVersionId
    into.followers ??= new Set()
    into.followers.add(follower)
  }
  from.followers = undefined
}

/**
 * Functions that report the held version to the followers that last heard of another one. It counts as heard from now on, so a listener
 * that calls the cache meanwhile does not keep the others from hearing of it.
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
