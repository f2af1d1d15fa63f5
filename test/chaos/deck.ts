import type { Random } from './random.js'

/** Things that come in random order, each of them once before any comes again. */
export class Deck<T> {
  readonly #all: readonly T[]
  #left: T[] = []

  constructor(all: readonly T[]) {
    this.#all = all
  }

  draw(random: Random): T {
    if (this.#left.length === 0) this.#left = [...this.#all]
    const drawn = random.pick(this.#left)
    this.#left.splice(this.#left.indexOf(drawn), 1)
    return drawn
  }
}
