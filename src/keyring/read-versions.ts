import { isSecretCacheError } from '../core/failures/errors.js'
import type { Secret } from '../core/secrets/secret.js'
import type { CheckedKeyringOptions } from './keyring-options.js'

/** The two versions of a secret that have a key. */
export interface Versions {
  readonly current: Secret
  /** undefined if the secret has had only one version. */
  readonly previous: Secret | undefined
}

type Reads = Pick<CheckedKeyringOptions<unknown>, 'cache' | 'secretId'>

/** Reads both versions. */
export async function readVersions({ cache, secretId }: Reads): Promise<Versions> {
  const current = await cache.getSecret(secretId)
  const previous = await unlessMissing(cache.getSecret(secretId, { versionStage: 'AWSPREVIOUS' }))
  if (previous === undefined) return { current, previous }
  // AWSCURRENT has moved between the two reads.
  if (previous.versionId === current.versionId)
    return { current: await cache.refreshNow(secretId, { ifVersion: current.versionId }), previous }
  // The cache had AWSPREVIOUS from before the current version was read.
  if (previous.ageMs > current.ageMs) return { current, previous: await readPrevious({ cache, secretId }) }
  return { current, previous }
}

/** Reads AWSPREVIOUS from the source, whatever the cache holds of it. */
export function readPrevious({ cache, secretId }: Reads): Promise<Secret | undefined> {
  return unlessMissing(cache.refreshNow(secretId, { versionStage: 'AWSPREVIOUS' }))
}

async function unlessMissing(reading: Promise<Secret>): Promise<Secret | undefined> {
  try {
    return await reading
  } catch (error) {
    if (isSecretCacheError(error) && error.code === 'ERR_SECRET_VERSION') return undefined
    throw error
  }
}
