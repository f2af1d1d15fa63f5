/** For how long a version was the current one. */
export interface Reign {
  readonly index: number
  readonly versionId: string
  readonly text: string
  readonly from: number
}

/** Which version of each secret was current when: what every read is held to. */
export class History {
  readonly #reigns = new Map<string, Reign[]>()

  /** To be called before anybody can read the version. */
  moved(secretId: string, versionId: string, text: string, from: number): void {
    const reigns = this.#reigns.get(secretId) ?? []
    this.#reigns.set(secretId, reigns)
    reigns.push({ index: reigns.length, versionId, text, from })
  }

  current(secretId: string): Reign | undefined {
    return this.#reigns.get(secretId)?.at(-1)
  }

  /** The reigns of a version that began before `at`, the oldest first: more than one after a rollback. */
  reignsOf(secretId: string, versionId: string, text: string, at: number): readonly Reign[] {
    const reigns = this.#reigns.get(secretId) ?? []
    return reigns.filter(reign => reign.versionId === versionId && reign.text === text && reign.from <= at)
  }

  /** Whether a version became current for another time after `since`: the answers to that are doubted at first, like old ones. */
  wentBackSince(secretId: string, since: number): boolean {
    const reigns = this.#reigns.get(secretId) ?? []
    return reigns.some(
      ({ from, index, versionId }) => from >= since && reigns.some(other => other.index < index && other.versionId === versionId),
    )
  }

  /** When a reign ended; undefined for the one that lasts. */
  endOf(secretId: string, { index }: Reign): number | undefined {
    return this.#reigns.get(secretId)?.[index + 1]?.from
  }
}
