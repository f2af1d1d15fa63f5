import { createHash, randomBytes } from 'node:crypto'

/** With 10,000 other names a second, four of five are recognized when SNS sends again after 20 s, and nearly all after 60 s. */
const slots = 2 ** 20

/**
 * Recognizes names that were refused before, in 4 MB however many there were.
 *
 * Each takes the place of another. By a key that nobody knows, so that nobody can aim at a place.
 */
export class RefusedNames {
  readonly #key = randomBytes(16)
  /** Not there until a first name is refused: most processes never see a flood. */
  #prints: Uint32Array | undefined

  has(name: string): boolean {
    if (this.#prints === undefined) return false
    const { slot, print } = this.#hash(name)
    return this.#prints[slot] === print
  }

  add(name: string): void {
    this.#prints ??= new Uint32Array(slots)
    const { slot, print } = this.#hash(name)
    this.#prints[slot] = print
  }

  #hash(name: string): { slot: number; print: number } {
    const digest = createHash('sha256').update(this.#key).update(name).digest()
    // 0 is an empty place.
    return { slot: digest.readUInt32LE(0) % slots, print: digest.readUInt32LE(4) || 1 }
  }
}
