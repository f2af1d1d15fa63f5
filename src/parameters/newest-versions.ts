/** The parameters that are remembered at most. */
const mostParameters = 10_000

/** A version, and when it was created. */
interface Seen {
  readonly version: number
  readonly at: number
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

  /** Whether an answer is older than one before it. Remembers it otherwise. */
  isOld({ ARN, Version, LastModifiedDate }: Answered): boolean {
    if (ARN === undefined || Version === undefined) return false
    const at = Number(LastModifiedDate)
    const before = this.#seen.get(ARN)
    if (before !== undefined && Version < before.version && !(at > before.at)) return true
    this.#seen.delete(ARN)
    this.#seen.set(ARN, { version: Version, at })
    const [oldest] = this.#seen.size > mostParameters ? this.#seen.keys() : []
    if (oldest !== undefined) this.#seen.delete(oldest)
    return false
  }
}
