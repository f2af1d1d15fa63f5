/** A function to call at a given time. */
export interface Timer {
  readonly run: () => void
  readonly dueMs: number
  /** The order of timers that are due at the same time: the one set first has the lowest. */
  readonly turn: number
  /** Its index in the heap; -1 once it was removed. */
  place: number
}

/** Timers by due time, in a binary heap: a simulation of many instances has hundreds of thousands of them. */
export class TimerQueue {
  readonly #heap: Timer[] = []
  #turns = 0

  get size(): number {
    return this.#heap.length
  }

  /** The earliest timer; of two that are due at the same time, the one added first. */
  get next(): Timer | undefined {
    return this.#heap[0]
  }

  add(run: () => void, dueMs: number): Timer {
    this.#turns += 1
    const timer = { run, dueMs, turn: this.#turns, place: this.#heap.length }
    this.#heap.push(timer)
    this.#rise(timer)
    return timer
  }

  /** Removes a timer if it is still in the queue. */
  remove(timer: Timer): void {
    if (timer.place < 0) return
    const last = this.#heap.pop()
    if (last !== undefined && last !== timer) {
      this.#put(last, timer.place)
      this.#rise(last)
      this.#sink(last)
    }
    timer.place = -1
  }

  #rise(timer: Timer): void {
    while (timer.place > 0) {
      const parentPlace = (timer.place - 1) >> 1
      const parent = this.#heap[parentPlace]
      if (parent === undefined || isBefore(parent, timer)) return
      this.#put(parent, timer.place)
      this.#put(timer, parentPlace)
    }
  }

  #sink(timer: Timer): void {
    for (let child = this.#firstChild(timer); child !== undefined && isBefore(child, timer); child = this.#firstChild(timer)) {
      const { place } = child
      this.#put(child, timer.place)
      this.#put(timer, place)
    }
  }

  /** The earlier one of the two children. */
  #firstChild({ place }: Timer): Timer | undefined {
    const left = this.#heap[2 * place + 1]
    const right = this.#heap[2 * place + 2]
    return left !== undefined && right !== undefined && isBefore(right, left) ? right : left
  }

  #put(timer: Timer, place: number): void {
    this.#heap[place] = timer
    timer.place = place
  }
}

function isBefore(one: Timer, other: Timer): boolean {
  return one.dueMs < other.dueMs || (one.dueMs === other.dueMs && one.turn < other.turn)
}
