import { names } from './commands.js'

/** For so long after a version was left, an answer that names it is an old one: nobody rolls anything back here. */
const leftRecentlyMs = 60_000

/** The load that an event begins is over by then. */
const toldRecentlyMs = 10_000

/** The naive cache that ours is held to: it keeps nothing and knows when each version was current. Versions count up from 0. */
export class Truth {
  /** By secret, the time at which each version ended; the last has none yet. */
  readonly #endedAt = new Map<string, number[]>(names.map(name => [name, []]))
  readonly #versions = new Map<string, number>()
  readonly #oldest = new Map<string, number>()
  /** When the cache was last told that it is the current one. */
  readonly #toldAt = new Map<string, number>()
  /** By secret, when the cache last left a version. */
  readonly #leftAt = new Map<string, Map<number, number>>()
  /** When the service last failed or was slow. */
  troubledAt: number = Number.NEGATIVE_INFINITY
  /** When the service last may have answered as before a rotation. */
  answeredOldAt: number = Number.NEGATIVE_INFINITY

  version(name: string): number {
    return this.#endedAt.get(name)?.length ?? 0
  }

  /** The service's own name for the version that is current now. */
  identify(name: string, versionId: string): void {
    this.#versions.set(versionId, this.version(name))
  }

  rotate(name: string, now: number): void {
    this.#endedAt.get(name)?.push(now)
  }

  /** How long ago a version stopped being the current one. */
  outdatedMs(name: string, version: number, now: number): number {
    return now - (this.#endedAt.get(name)?.[version] ?? now)
  }

  /** What a read that begins now must not go behind: it was invalidated, or somebody has seen a newer one. */
  oldest(name: string): number {
    return this.#oldest.get(name) ?? 0
  }

  /** From now on a read must not bring what is older. */
  demand(name: string, version: number): void {
    this.#oldest.set(name, Math.max(this.oldest(name), version))
  }

  /** The cache is told that a version is current: an old event and an old answer that agree are believed. */
  tell(versionId: string, now: number): void {
    this.#toldAt.set(versionId, now)
  }

  /** The cache goes from one version to another. Answers whether it goes back to one that it had just left, and that nobody named. */
  move(name: string, fromId: string, toId: string, now: number): boolean {
    const left = this.#leftAt.get(name) ?? new Map<number, number>()
    this.#leftAt.set(name, left)
    const [from = 0, to = 0] = [fromId, toId].map(id => this.#versions.get(id))
    left.set(from, now)
    const wasTold = now - (this.#toldAt.get(toId) ?? Number.NEGATIVE_INFINITY) < toldRecentlyMs
    return to < from && !wasTold && now - (left.get(to) ?? Number.NEGATIVE_INFINITY) < leftRecentlyMs
  }

  /** The cache has forgotten the secret: what comes next, no older answer can be told from. */
  forget(name: string): void {
    this.#leftAt.delete(name)
  }
}
