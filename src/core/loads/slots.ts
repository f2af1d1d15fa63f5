import type { Entry } from '../entries/entry.js'
import type { Load } from './load.js'

/** The loads of one entry that are under way. */
export interface Slot {
  /** The load that readers share. */
  regular: Load | undefined
  /** The newest load that was asked for by refreshNow, an event or a refused pool. */
  forced: Load | undefined
  /** How many are under way, those that were superseded included. */
  loads: number
  /** Whose it is; undefined once the loads of another entry count for this one's readers. */
  entry: Entry | undefined
  /** The slot of that other entry, which counts this one's loads as its own. */
  home?: Slot
}

/** Which loads are under way for which entry. */
export class Slots {
  readonly #slots = new Map<Entry, Slot>()

  find(entry: Entry): Slot | undefined {
    return this.#slots.get(entry)
  }

  /** Takes a place in the slot of an entry. Only `leave` gives it up. */
  enter(entry: Entry, kind: 'regular' | 'forced', load: Load): Slot {
    const slot = this.#slots.get(entry) ?? { regular: undefined, forced: undefined, loads: 0, entry }
    this.#slots.set(entry, slot)
    slot[kind] = load
    slot.loads += 1
    return slot
  }

  leave(slot: Slot, load: Load): void {
    // A successor may own the place by now; clearing it would start a duplicate load.
    if (slot.regular === load) slot.regular = undefined
    if (slot.forced === load) slot.forced = undefined
    slot.loads -= 1
    if (slot.loads === 0 && slot.entry !== undefined) this.#slots.delete(slot.entry)
    if (slot.home !== undefined) this.leave(slot.home, load)
  }

  isBusy(entry: Entry): boolean {
    return this.#slots.has(entry)
  }

  /** The entries that loads are under way for. */
  busy(): Iterable<Entry> {
    return this.#slots.keys()
  }

  /** Two entries have turned out to be one: it is busy as long as a load of either is under way. */
  merged(from: Entry, into: Entry): void {
    const slot = this.#slots.get(from)
    if (slot === undefined) return
    this.#slots.delete(from)
    const home = this.#slots.get(into)
    slot.entry = home === undefined ? into : undefined
    if (home === undefined) this.#slots.set(into, slot)
    else {
      slot.home = home
      home.loads += slot.loads
    }
  }

  /** A load in flight that may answer a read made now. One that was frozen with its process may wait for a connection that is dead. */
  joinable(entry: Entry): Load | undefined {
    const slot = this.#slots.get(entry)
    if (slot === undefined) return undefined
    for (const load of [slot.forced, slot.regular]) {
      if (load?.sequence !== undefined && !entry.isVoid(load.sequence) && load.limit?.wokenAt() === 0) return load
    }
    // One that waits for its turn is sent later than now. Nobody waits for a forced one whose own load would be sent at once.
    const waiting = [entry.needsTurn ? slot.forced : undefined, slot.regular]
    return waiting.find(load => load && load.sequence === undefined)
  }
}
