import { SecretCacheError } from '../core/failures/errors.js'
import { failureFrom } from '../core/failures/failure.js'
import { sdkSource } from '../core/loads/sdk-source.js'
import type { SecretSource } from '../core/secrets/source.js'
import { within } from '../signals/within.js'
import { type Call, commandOf, writableSource } from './send.js'

/** What DescribeSecret answers, as far as it matters here. */
interface Described {
  readonly LastRotatedDate?: Date | undefined
  readonly VersionIdsToStages?: Readonly<Record<string, readonly string[]>> | undefined
}

/** One question to the service is not waited for longer: there is another look. */
const askTimeoutMs = 5_000

/** Tells how far a rotation is, by the labels of its version. Nothing of that is kept in the cache. */
export class RotationState {
  readonly #asked: Pick<Call, 'access' | 'secretId' | 'client'>

  constructor(asked: Pick<Call, 'access' | 'secretId' | 'client'>) {
    this.#asked = asked
  }

  /**
   * The version that a rotation under way makes, also one that is empty yet; if the rotation has just ended, the one that it has made.
   * Undefined if that cannot be told now, or the answer is an old one: it shows what was current `before`. Rejects if it may not be told.
   */
  async versionInTheMaking(before: string | undefined, signal: AbortSignal): Promise<string | undefined> {
    const { secretId } = this.#asked
    try {
      const { VersionIdsToStages = {} } = await this.#describe(signal)
      const versions = Object.entries(VersionIdsToStages)
      const pending = versions.find(([, labels]) => labels.includes('AWSPENDING') && !labels.includes('AWSCURRENT'))
      const [versionId] = pending ?? versions.find(([, labels]) => labels.includes('AWSCURRENT')) ?? []
      return versionId === before ? undefined : versionId
    } catch (thrown) {
      signal.throwIfAborted()
      const { code, kind, waitingHelps, cause } = failureFrom(thrown)
      if (kind === 'transient' && waitingHelps) return undefined
      throw new SecretCacheError({
        code,
        message: `The secret ${secretId} is being rotated, and the version in the making is not known: ${cause.message}`,
        secretId,
        cause,
        hint: 'The role needs secretsmanager:DescribeSecret to wait for a rotation that was under way before.',
      })
    }
  }

  /** Whether a version was current and is no more, because of another rotation or write: the one that is now came after it. */
  async wasCurrent(versionId: string, signal: AbortSignal): Promise<boolean> {
    const { secretId } = this.#asked
    try {
      const { versionStages, createdDate } = await this.#ask(signal, stop =>
        this.#reader.get({ secretId, versionId }, { signal: stop }),
      )
      if (versionStages.length > 0) return versionStages.includes('AWSPREVIOUS')
      // Two others have come after it; or its rotation was given up, and then none has ended since it was made.
      const { LastRotatedDate } = await this.#describe(signal)
      return LastRotatedDate !== undefined && createdDate !== undefined && LastRotatedDate >= createdDate
    } catch {
      signal.throwIfAborted()
      return false
    }
  }

  get #reader(): SecretSource {
    const { access, client } = this.#asked
    return client === undefined ? access.source : sdkSource({ client })
  }

  async #describe(signal: AbortSignal): Promise<Described> {
    const { access, secretId, client } = this.#asked
    const source = writableSource(access, client)
    const describe = (stop: AbortSignal): Promise<unknown> =>
      source.write(sdk => commandOf(sdk, 'DescribeSecret', { SecretId: secretId }), { signal: stop })
    return (await this.#ask(signal, describe)) as Described
  }

  #ask<T>(signal: AbortSignal, call: (stop: AbortSignal) => Promise<T>): Promise<T> {
    return within(this.#asked.access.clock, askTimeoutMs, call, signal)
  }
}
