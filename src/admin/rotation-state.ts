import { SecretCacheError } from '../core/failures/errors.js'
import { failureFrom } from '../core/failures/failure.js'
import { sdkSource } from '../core/loads/sdk-source.js'
import type { SecretSource } from '../core/secrets/source.js'
import { within } from '../core/time/within.js'
import { type Call, commandOf, writableSource } from './send.js'

/** The part of the DescribeSecret response that is used here. */
interface Described {
  readonly LastRotatedDate?: Date | undefined
  readonly VersionIdsToStages?: Readonly<Record<string, readonly string[]>> | undefined
}

/** How long to wait for one response of the service: there will be another attempt. */
const askTimeoutMs = 5_000

/** Determines the progress of a rotation by the labels of its version. The cache keeps none of these responses. */
export class RotationState {
  readonly #asked: Pick<Call, 'access' | 'secretId' | 'client'>

  constructor(asked: Pick<Call, 'access' | 'secretId' | 'client'>) {
    this.#asked = asked
  }

  /**
   * The version that a rotation under way creates, even if it is still empty; if the rotation has just ended, the version that it created.
   * Undefined if that is not known now, or if the response is an old one that shows the version `before`. Rejects if the call is denied.
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
        message: `The secret ${secretId} is being rotated, and its pending version is not known: ${cause.message}`,
        secretId,
        cause,
        hint: 'The role needs secretsmanager:DescribeSecret to wait for a rotation that was under way before.',
      })
    }
  }

  /** Whether a version was current and no longer is, because a later rotation or write has replaced it. */
  async wasCurrent(versionId: string, signal: AbortSignal): Promise<boolean> {
    const { secretId } = this.#asked
    try {
      const { versionStages, createdDate } = await this.#ask(signal, stop =>
        this.#reader.get({ secretId, versionId }, { signal: stop }),
      )
      if (versionStages.length > 0) return versionStages.includes('AWSPREVIOUS')
      // Without labels, two later versions have replaced it, or its rotation was given up. Then none has ended since it was created.
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
