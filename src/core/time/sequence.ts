/** Orders loads, invalidations and events of all secrets of a cache, so that "older" means the same for all of them. */
export class Sequence {
  #last = 0

  next(): number {
    this.#last += 1
    return this.#last
  }
}
