import type { SecretCacheOptions } from '../core/options/options.js'
import { SecretCache } from '../core/secret-cache.js'

/** A cache that loads its secrets at once, and whose `idle()` waits for that too. */
export class LambdaCache extends SecretCache {
  readonly #secrets: readonly string[]
  /** Resolves once the warm-up is over. Never rejects. */
  warmedUp: Promise<void>

  constructor(secrets: readonly string[], options: SecretCacheOptions) {
    super(options)
    this.#secrets = secrets
    this.warmedUp = this.#warmUp()
  }

  override async idle(): Promise<void> {
    await this.warmedUp
    await super.idle()
  }

  /** Loads those of its secrets again that are not fresh. */
  async warmUpAgain(): Promise<void> {
    // Otherwise the end of a warm-up that failed would invalidate what the next one loads.
    await this.warmedUp
    this.warmedUp = this.#warmUp()
    await this.warmedUp
  }

  async #warmUp(): Promise<void> {
    for (const { secretId, outcome } of await this.warmup(this.#secrets)) {
      // End the pause after the failure, so that the first read tries again. A value that a read has loaded meanwhile is kept.
      if (outcome === 'failed' && this.peek(secretId) === undefined) this.invalidate(secretId)
    }
  }
}
