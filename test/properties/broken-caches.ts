import { type ReadOptions, type RotationResult, type Secret, SecretCache, SecretCacheError } from '../../src/index.js'
import type { PromiseName } from './judge.js'
import { settings } from './settings.js'

/** Gives up what is past its TTL and window instead of serving it while the service fails. */
class ForgetsLastKnownGood extends SecretCache {
  override async getSecretString(secretId: string, options?: ReadOptions): Promise<string> {
    const secret = await super.getSecret(secretId, options)
    if (secret.ageMs < settings.ttlMs + settings.staleWhileRevalidateMs) return secret.text()
    throw new SecretCacheError({ code: 'ERR_SECRET_UNAVAILABLE', message: 'Last known good is switched off.' })
  }
}

/** Serves what it has, whatever `invalidate` says. */
class IgnoresInvalidate extends SecretCache {
  override invalidate(): void {}
}

/** Serves what it has read once for ever. */
class IgnoresTimeToLive extends SecretCache {
  readonly #texts = new Map<string, string>()

  override async getSecretString(secretId: string, options?: ReadOptions): Promise<string> {
    if (options !== undefined) return super.getSecretString(secretId, options)
    const text = this.#texts.get(secretId) ?? (await super.getSecretString(secretId))
    this.#texts.set(secretId, text)
    return text
  }

  // What was forgotten is read again: it is the time that is ignored.
  override invalidate(secretId: string): void {
    this.#texts.clear()
    super.invalidate(secretId)
  }

  override delete(secretId: string): void {
    this.#texts.clear()
    super.delete(secretId)
  }
}

/** Says that events are dealt with, and reads nothing. */
class IgnoresEvents extends SecretCache {
  override async handleRotationEvent(): Promise<RotationResult[]> {
    return [{ outcome: 'refreshed', reason: 'Secret Label Updated' }]
  }
}

/** Takes the name in an ARN for a secret of its own account. */
class GuessesTheAccount extends SecretCache {
  override getSecretString(secretId: string, options?: ReadOptions): Promise<string> {
    return super.getSecretString(/:secret:(.+?)(-\w{6})?$/.exec(secretId)?.[1] ?? secretId, options)
  }
}

/** Hands the version out that `refreshNow` was to replace. */
class RefreshesLater extends SecretCache {
  override async refreshNow(secretId: string, options?: object): Promise<Secret> {
    const before = this.peek(secretId)
    const fresh = await super.refreshNow(secretId, options)
    return before ?? fresh
  }
}

/** Keeps what it has when it is told to forget it. */
class IgnoresDelete extends SecretCache {
  override delete(): void {}
}

/** Loads where it must only look. */
class PeeksByLoading extends SecretCache {
  override peek(secretId: string): Secret | undefined {
    void this.getSecret(secretId).catch(() => undefined)
    return super.peek(secretId)
  }
}

/** Lets what is under way be settled by nobody. */
class NeverCloses extends SecretCache {
  override close(): Promise<void> {
    return new Promise(() => {})
  }
}

/** Caches that break one promise each, and the name of that promise. */
export const brokenCaches: readonly [what: string, promise: PromiseName, typeof SecretCache][] = [
  ['has no last known good', 'last known good', ForgetsLastKnownGood],
  ['ignores invalidate', 'after invalidate', IgnoresInvalidate],
  ['ignores the time to live', 'time to live', IgnoresTimeToLive],
  ['ignores events', 'event', IgnoresEvents],
  ['takes a foreign secret for its own', 'another secret', GuessesTheAccount],
  ['refreshes after it has answered', 'refresh', RefreshesLater],
  ['ignores delete', 'after delete', IgnoresDelete],
  ['loads in peek', 'peek', PeeksByLoading],
  ['is never closed', 'left behind', NeverCloses],
]
