import type { Entry } from '../entries/entry.js'
import { type Follower, follow, unfollow } from '../entries/followers.js'
import type { Place } from '../entries/selector.js'
import { tell } from '../events/emitter.js'
import type { RotatedEvent } from '../events/events.js'
import { rotatedEventFor, settle } from './announce.js'
import type { LoadContext } from './load-context.js'

/** Pins a secret and calls the listener for its rotations, whichever form of its id they are noticed by. The returned function ends both. */
export function followRotations(context: LoadContext, place: Place, listener: (event: RotatedEvent) => void): () => void {
  const follower: Follower<Entry> = follow(context.index.entry(place), change =>
    tell(listener, rotatedEventFor(follower.entry, change)),
  )
  settle(context, follower.entry)
  return () => {
    unfollow(follower)
    settle(context, follower.entry)
  }
}
