import { SecretCache, type SecretCacheOptions, type SecretSource } from '../../src/index.js'
import { createKeyring, type Keyring, type KeyringTextOptions } from '../../src/keyring/index.js'
import { FakeSecretsManager, ManualClock } from '../../src/testing/index.js'
import { settled } from '../support/deferred-source.js'

/** How long a keyring signs with the previous key by default. */
export const signAfterMs = 360_000

/** Keys that are long enough; each contains its name. */
export const keyNamed = (name: string): string => name.padEnd(32, '-')

/** A keyring over a fake Secrets Manager, whose secret has had two versions for an hour. */
export interface Ringed {
  readonly fake: FakeSecretsManager
  readonly clock: ManualClock
  readonly cache: SecretCache
  readonly ring: Keyring
  /** The version ids of the keys, by name. */
  readonly ids: Record<string, string>
  /** Moves AWSCURRENT to a new key; the cache learns of it, unless it is not announced. */
  rotate(name: string, options?: { announced?: boolean }): Promise<string>
  /** Moves AWSCURRENT back to a key, and tells the cache. */
  moveBackTo(name: string): Promise<void>
  /** Makes reads of AWSPREVIOUS fail with an exception of this name. */
  failPrevious(name: string | undefined): void
  /** The labels that were read since the last call. */
  reads(): string[]
}

export async function ringed(options: Partial<KeyringTextOptions> = {}, cacheOptions: SecretCacheOptions = {}): Promise<Ringed> {
  const clock = new ManualClock()
  const fake = new FakeSecretsManager({ clock })
  const ids: Record<string, string> = {}
  ids.older = fake.create('keys', keyNamed('older')).versionId
  await clock.advance(1_000)
  ids.old = fake.put('keys', keyNamed('old')).versionId
  await clock.advance(3_600_000)
  let failure: string | undefined
  const inner = fake.source()
  const source: SecretSource = {
    async get(request, given) {
      if (failure === undefined || request.versionStage !== 'AWSPREVIOUS') return inner.get(request, given)
      throw Object.assign(new Error('It fails.'), { name: failure })
    },
  }
  const cache = new SecretCache({ source, clock, ttlJitter: 0, ...cacheOptions })
  const ring = await createKeyring({ cache, secretId: 'keys', ...options })
  const announce = async (event: unknown): Promise<void> => {
    await cache.handleRotationEvent(event)
    await settled()
  }
  const ringed: Ringed = {
    fake,
    clock,
    cache,
    ring,
    ids,
    async rotate(name, { announced = true } = {}) {
      const event = fake.rotate('keys', keyNamed(name))
      ids[name] = event.detail.versionId
      if (announced) await announce(event)
      return event.detail.versionId
    },
    async moveBackTo(name) {
      await announce(fake.moveCurrent('keys', ids[name] ?? ''))
    },
    failPrevious(name) {
      failure = name
    },
    reads() {
      const labels = fake.calls.map(({ input }) => String(input.VersionStage))
      fake.resetCalls()
      return labels
    },
  }
  return ringed
}
