/** The parameters that are remembered at most. */
const mostParameters = 10_000

/** A version, and when it was created. */
interface Seen {
  readonly version: number
  readonly at: number
  /** The date of the first version that was seen since the parameter was created again under its name; undefined if it was not. */
  readonly bornAt: number | undefined
}

/** A version in an answer. */
export interface Answered {
  readonly ARN?: string | undefined
  readonly Version?: number | undefined
  readonly LastModifiedDate?: Date | undefined
}

/** Whether a version id names the same number of a parameter that was deleted since: what follows its point is another date. */
export function isOfAnother(versionId: string | undefined, { LastModifiedDate }: Answered): boolean {
  const [, date] = versionId?.split('.') ?? []
  return date !== undefined && date !== String(Number(LastModifiedDate))
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
    return this.#seen.get(ARN)?.bornAt === undefined ? String(Version) : `${Version}.${Number(LastModifiedDate)}`
  }

  /** Accepts an answer and remembers it, or returns false if it is older than one before it. */
  accept({ ARN, Version, LastModifiedDate }: Answered): boolean {
    if (ARN === undefined || Version === undefined) return true
    const at = Number(LastModifiedDate)
    const before = this.#seen.get(ARN)
    if (before !== undefined && isOlder(Version, at, before)) return false
    const isBorn = before !== undefined && Version <= before.version && at > before.at
    this.#seen.delete(ARN)
    this.#seen.set(ARN, { version: Version, at, bornAt: isBorn ? at : before?.bornAt })
    const [oldest] = this.#seen.size > mostParameters ? this.#seen.keys() : []
    if (oldest !== undefined) this.#seen.delete(oldest)
    return true
  }
}

function isOlder(version: number, at: number, before: Seen): boolean {
  // The deleted parameter may have had more versions than the one that has its name now.
  const isOfDeleted = before.bornAt !== undefined && at < before.bornAt
  return isOfDeleted || (version < before.version && !(at > before.at))
}
