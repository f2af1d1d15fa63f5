import { aFunction, aSignal, aText, checkOptions } from '../options/check-options.js'
import type { ReadOptions, RefreshOptions } from '../options/read-options.js'
import type { Secret } from '../secrets/secret.js'

/** What `withSecret` takes. */
export interface WithSecretOptions {
  /**
   * Tells whether what `use` threw means that the secret was refused. Then, if there is a newer version, `use` runs once more. If it
   * throws itself, the secret was not refused.
   */
  isAuthError: (error: unknown) => boolean
  /** A staging label. @default the cache's own, AWSCURRENT */
  versionStage?: string | undefined
  /** Ends the waiting for the secret, and for a newer version. */
  signal?: AbortSignal | undefined
}

/** What it does with its cache. */
interface Reads {
  getSecret(secretId: string, options?: ReadOptions): Promise<Secret>
  refreshNow(secretId: string, options: RefreshOptions): Promise<Secret>
}

/** Calls `use` with a secret; once more if that was refused and there is a newer version. */
export async function withSecret<T>(
  reads: Reads,
  secretId: string,
  use: (secret: Secret) => T | Promise<T>,
  options: WithSecretOptions,
): Promise<T> {
  if (typeof options?.isAuthError !== 'function')
    throw new TypeError(
      'withSecret requires isAuthError(error), which tells whether an error means that the secret was rejected.',
    )
  if (typeof use !== 'function') throw new TypeError('withSecret takes a function that works with the secret.')
  checkOptions('withSecret', options, { isAuthError: aFunction, versionStage: aText, signal: aSignal })
  const { isAuthError, ...place } = options
  // Without options a read takes the shortest way.
  const readOptions = place.versionStage === undefined && place.signal === undefined ? undefined : place
  const secret = await reads.getSecret(secretId, readOptions)
  try {
    return await use(secret)
  } catch (refusal) {
    if (!tellsRefusal(isAuthError, refusal)) throw refusal
    const newer = await newerThan(secret, () => reads.refreshNow(secretId, { ...place, ifVersion: secret.versionId }))
    if (newer === undefined) throw refusal
    return use(newer)
  }
}

async function newerThan({ versionId }: Secret, refresh: () => Promise<Secret>): Promise<Secret | undefined> {
  try {
    const current = await refresh()
    return current.versionId === versionId ? undefined : current
  } catch {
    // What the caller must hear of is the refusal.
    return undefined
  }
}

/** What goes wrong in telling must not hide what is told: the error of the caller's own work. */
function tellsRefusal(isAuthError: WithSecretOptions['isAuthError'], error: unknown): boolean {
  try {
    return isAuthError(error)
  } catch {
    return false
  }
}
