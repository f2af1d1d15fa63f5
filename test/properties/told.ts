/** What is heard of one secret at one label, one after the other. */
export type Item =
  | { readonly kind: 'loaded' | 'written'; readonly to: string }
  | { readonly kind: 'rotated'; readonly from: string; readonly to: string }
  /** The cache has, or may have, forgotten it: the next version need not count as a change. */
  | { readonly kind: 'forgotten' }
  /** The value is gone, and somebody who follows it is to hear of the next one, as long as nobody leaves. */
  | { readonly kind: 'deleted' | 'unfollowed' }
  /** What was held may still be, by an ARN that other ids are not known to lead to: it is told of once they turn out to be one secret's. */
  | { readonly kind: 'apart' }

/** Follows what is heard of one secret at one label: every change of the version that is held is told once, and nothing else is. */
export class Told {
  readonly #convict: (what: string) => void
  #held: string | undefined
  /** The change that must be told next. */
  #due: string | undefined
  /** Whether it is not known what was held before, or that anything was. */
  #isDoubtful = true
  /** Whether the version that is held was the first after that. */
  #isNews = false
  #isAfterWrite = false
  /** Whether the value was deleted, and only those who follow it know what it was. */
  #isDeleted = false
  readonly #seen = new Set<string>()
  /** What may still be held by such ARNs. */
  readonly #apart = new Set<string>()

  constructor(convict: (what: string) => void) {
    this.#convict = convict
  }

  take(item: Item): void {
    if (item.kind === 'rotated') this.#rotated(item)
    else if (item.kind !== 'deleted') this.end()
    switch (item.kind) {
      case 'loaded':
        this.#loaded(item.to)
        break
      case 'written':
        // A write is told as a change, if it is one, before it is known here.
        this.#isDoubtful = true
        this.#isAfterWrite = true
        this.#held = undefined
        break
      case 'apart':
        if (this.#held !== undefined) this.#apart.add(this.#held)
        this.#forget()
        break
      case 'deleted':
        this.#isDeleted = true
        break
      case 'unfollowed':
        if (this.#isDeleted) this.#forget()
        break
      case 'forgotten':
        this.#forget()
    }
    if ('to' in item) this.#seen.add(item.to)
  }

  /** What comes next says nothing of the change before: that must have been told by now. */
  end(): void {
    if (this.#due !== undefined && !this.#isDoubtful) this.#convict(`nobody heard of ${this.#due}`)
    this.#due = undefined
  }

  #loaded(to: string): void {
    if (this.#held !== undefined && this.#held !== to) this.#due = `${this.#held} > ${to}`
    this.#isNews = this.#held === undefined
    if (this.#isNews) this.#isDoubtful = false
    this.#isDeleted = false
    this.#held = to
  }

  #rotated({ from, to }: { from: string; to: string }): void {
    const move = `${from} > ${to}`
    const isAboutHeld = to === this.#held
    const isDue =
      move === this.#due ||
      this.#held === from ||
      this.#isDoubtful ||
      (isAboutHeld && this.#isAfterWrite) ||
      (isAboutHeld && this.#isNews && this.#seen.has(from)) ||
      (isAboutHeld && this.#apart.has(from))
    if (!isDue || from === to) this.#convict(`${move}, though ${this.#held} was held`)
    this.#due = undefined
    this.#held = to
    this.#isDoubtful = false
    this.#isAfterWrite = false
    this.#isNews = false
    this.#apart.delete(from)
  }

  #forget(): void {
    this.#held = undefined
    this.#isDoubtful = true
    this.#isDeleted = false
  }
}
