import type { Entry } from '../entries/entry.js'
import type { Load } from './load.js'

/** The loads of one entry that are under way. */
export interface Slot {
  /** The load that readers share. */
  regular: Load | undefined
  /** The newest load for refreshNow, an event, or a pool whose login was rejected. */
  forced: Load | undefined
  /** How many loads are under way, including those that were superseded. */
  loads: number
  /** The entry; undefined once it was merged into another one with a slot of its own. */
  entry: Entry | undefined
  /** The slot of that other entry, which also counts these loads. */
  home?: Slot
}

/** The loads under way, by entry. */
export class Slots {
  readonly #slots = new Map<Entry, Slot>()

  find(entry: Entry): Slot | undefined {
    return this.#slots.get(entry)
  }

  /** Puts a load into the slot of an entry. Only `leave` removes it. */
  enter(entry: Entry, kind: 'regular' | 'forced', load: Load): Slot {
    const slot = this.#slots.get(entry) ?? { regular: undefined, forced: undefined, loads: 0, entry }
    this.#slots.set(entry, slot)
    slot[kind] = load
    slot.loads += 1
    return slot
  }

  leave(slot: Slot, load: Load): void {
    // A later load may own the slot by now; clearing it would start a duplicate load.
    if (slot.regular === load) slot.regular = undefined
    if (slot.forced === load) slot.forced = undefined
    slot.loads -= 1
    if (slot.loads === 0 && slot.entry !== undefined) this.#slots.delete(slot.entry)
    if (slot.home !== undefined) this.leave(slot.home, load)
  }

  isBusy(entry: Entry): boolean {
    return this.#slots.has(entry)
  }

  /** The entries with loads under way. */
  busy(): Iterable<Entry> {
    return this.#slots.keys()
  }

  /** Merges the loads of two entries of the same secret: the remaining one is busy while a load of either is under way. */
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

  /** A load in flight that may serve a read made now. Not one that was frozen with its process: its connection may be dead. */
  joinable(entry: Entry): Load | undefined {
    const slot = this.#slots.get(entry)
    if (slot === undefined) return undefined
    for (const load of [slot.forced, slot.regular]) {
      if (load?.sequence !== undefined && !entry.isVoid(load.sequence) && load.limit?.wokenAt() === 0) return load
    }
    // A load that waits for its turn is sent later than now. But a read whose own load could be sent at once must not wait for a forced one.
    const waiting = [entry.needsTurn ? slot.forced : undefined, slot.regular]
    return waiting.find(load => load && load.sequence === undefined)
  }
}
