import {
  type EventOf,
  type Listening,
  type ReadOptions,
  type RotationResult,
  type Secret,
  SecretCache,
  SecretCacheError,
  type SecretCacheEvent,
  type SecretCacheStats,
} from '../../src/index.js'
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

/** Hides what it holds from those who only look. */
class HidesWhatIsFresh extends SecretCache {
  override peek(): Secret | undefined {
    return undefined
  }
}

/** Asks somebody else again, whatever it holds. */
class NeverHits extends SecretCache {
  override async getSecretString(secretId: string, options?: ReadOptions): Promise<string> {
    return (await this.refreshNow(secretId)).text() ?? super.getSecretString(secretId, options)
  }
}

/** Fails without a failure of the service. */
class FailsForNoReason extends SecretCache {
  #reads = 0

  override async getSecretString(secretId: string, options?: ReadOptions): Promise<string> {
    this.#reads += 1
    if (this.#reads % 3 > 0) return super.getSecretString(secretId, options)
    throw new SecretCacheError({ code: 'ERR_SECRET_UNAVAILABLE', message: 'Nothing has failed.' })
  }
}

/** Tells each change twice. */
class TellsTwice extends SecretCache {
  override on<Type extends SecretCacheEvent['type']>(type: Type, listener: (event: EventOf<Type>) => void): Listening {
    return super.on(type, event => {
      listener(event)
      if (event.type === 'rotated') listener(event)
    })
  }
}

/** Tells of no change. */
class TellsNothing extends SecretCache {
  override on<Type extends SecretCacheEvent['type']>(type: Type, listener: (event: EventOf<Type>) => void): Listening {
    return super.on(type, event => {
      if (event.type !== 'rotated') listener(event)
    })
  }
}

/** Has its followers hear of nothing. */
class ForgetsFollowers extends SecretCache {
  override handle(secretId: string): never {
    const handle = super.handle(secretId)
    return Object.create(handle, { on: { value: () => () => undefined }, current: { get: () => handle.current } }) as never
  }
}

/** Serves what was held before the service denied it. */
class IgnoresDenials extends SecretCache {
  readonly #texts = new Map<string, string>()

  override async getSecretString(secretId: string, options?: ReadOptions): Promise<string> {
    if (options !== undefined) return super.getSecretString(secretId, options)
    try {
      const text = await super.getSecretString(secretId)
      this.#texts.set(secretId, text)
      return text
    } catch (error) {
      const text = this.#texts.get(secretId)
      if (text === undefined) throw error
      return text
    }
  }
}

/** Counts one entry more for each one that is kept. */
class KeepsTooMany extends SecretCache {
  override stats(): SecretCacheStats {
    const stats = super.stats()
    return { ...stats, entries: stats.entries * 2 }
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
  ['hides what is fresh', 'peek', HidesWhatIsFresh],
  ['never hits', 'fresh value', NeverHits],
  ['fails for no reason', 'blameless failure', FailsForNoReason],
  ['tells each change twice', 'rotated', TellsTwice],
  ['tells of no change', 'rotated', TellsNothing],
  ['forgets its followers', 'follower', ForgetsFollowers],
  ['ignores denials', 'denied', IgnoresDenials],
  ['keeps too many', 'bound', KeepsTooMany],
]
