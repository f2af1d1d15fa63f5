import { createHash, randomBytes } from 'node:crypto'

/** With 10,000 other names a second, four of five are recognized when SNS retries after 20 s, and nearly all after 60 s. */
const slots = 2 ** 20

/**
 * Recognizes names that were refused before, in 4 MB, however many there were.
 *
 * A name overwrites another one in its slot. The hash has a secret key, so nobody can aim at a slot.
 */
export class RefusedNames {
  readonly #key = randomBytes(16)
  /** Allocated when a first name is refused: most processes never see a flood. */
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
    // 0 marks an empty slot.
    return { slot: digest.readUInt32LE(0) % slots, print: digest.readUInt32LE(4) || 1 }
  }
}
