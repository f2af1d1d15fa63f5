import { randomUUID } from 'node:crypto'
import type { AwsCredentials } from '../../src/iam/index.js'
import type { KnownKey } from './token-check.js'

/** The temporary access keys of one role, on both sides: which of them AWS accepts, and which one a provider of the SDK returns. */
export class RoleKeys {
  readonly #accepted = new Map<string, KnownKey>()
  readonly #now: () => number
  #newest: KnownKey
  /** As the SDK keeps it, until it is asked for another one. */
  #held: KnownKey
  /** Whether each call of the provider has demanded new credentials. */
  readonly calls: boolean[] = []

  constructor(now: () => number, { lifeMs }: { lifeMs?: number | undefined } = {}) {
    this.#now = now
    this.#newest = this.issue({ lifeMs })
    this.#held = this.#newest
  }

  /** Makes new keys, which the provider returns once it must. */
  issue({ lifeMs }: { lifeMs?: number | undefined } = {}): KnownKey {
    const endsAt = lifeMs === undefined ? undefined : this.#now() + lifeMs
    const accessKeyId = `ASIA${randomUUID().slice(0, 8).toUpperCase()}`
    this.#newest = { accessKeyId, secretAccessKey: randomUUID(), sessionToken: `${randomUUID()}+/=`, endsAt }
    this.#accepted.set(accessKeyId, this.#newest)
    return this.#newest
  }

  /** From now on AWS accepts the newest keys only, whatever their end was. */
  revokeOlder(): void {
    for (const id of this.#accepted.keys()) if (id !== this.#newest.accessKeyId) this.#accepted.delete(id)
  }

  keyOf(accessKeyId: string): KnownKey | undefined {
    return this.#accepted.get(accessKeyId)
  }

  /** Keeps credentials like those of the SDK: until they have ended, or new ones are demanded. */
  readonly provider = async ({ forceRefresh = false }: { forceRefresh?: boolean } = {}): Promise<AwsCredentials> => {
    this.calls.push(forceRefresh)
    const hasEnded = this.#held.endsAt !== undefined && this.#held.endsAt <= this.#now()
    if (forceRefresh || hasEnded) this.#held = this.#newest
    const { accessKeyId, secretAccessKey, sessionToken, endsAt } = this.#held
    return {
      accessKeyId,
      secretAccessKey,
      ...(sessionToken !== undefined && { sessionToken }),
      ...(endsAt !== undefined && { expiration: new Date(endsAt) }),
    }
  }
}
