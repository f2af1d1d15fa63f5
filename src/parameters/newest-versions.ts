/** The parameters that are remembered at most. */
const mostParameters = 10_000

/** A version, and when it was created. */
interface Seen {
  readonly version: number
  readonly at: number
  /** Whether the parameter was created again under its name, so that its numbers have been used before. */
  readonly isAnew: boolean
}

/** A version in an answer. */
export interface Answered {
  readonly ARN?: string | undefined
  readonly Version?: number | undefined
  readonly LastModifiedDate?: Date | undefined
}

/**
 * The newest version of each parameter that was seen.
 *
 * Parameter Store is eventually consistent, and its versions only rise: a lower one is an old answer, unless it is younger, because the
 * parameter was deleted and created again.
 */
export class NewestVersions {
  readonly #seen = new Map<string, Seen>()

  /** The version id of an answer: its number, and its date too if the number alone is not unique any more. */
  idOf({ ARN = '', Version, LastModifiedDate }: Answered): string | undefined {
    if (Version === undefined) return undefined
    return this.#seen.get(ARN)?.isAnew ? `${Version}.${Number(LastModifiedDate)}` : String(Version)
  }

  /** Accepts an answer and remembers it, or returns false if it is older than one before it. */
  accept({ ARN, Version, LastModifiedDate }: Answered): boolean {
    if (ARN === undefined || Version === undefined) return true
    const at = Number(LastModifiedDate)
    const before = this.#seen.get(ARN)
    if (before !== undefined && Version < before.version && !(at > before.at)) return false
    const isAnew = before !== undefined && (before.isAnew || (Version <= before.version && at > before.at))
    this.#seen.delete(ARN)
    this.#seen.set(ARN, { version: Version, at, isAnew })
    const [oldest] = this.#seen.size > mostParameters ? this.#seen.keys() : []
    if (oldest !== undefined) this.#seen.delete(oldest)
    return true
  }
}
