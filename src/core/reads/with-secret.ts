import { aFunction, aSignal, aText, checkOptions } from '../options/check-options.js'
import type { ReadOptions, RefreshOptions } from '../options/read-options.js'
import type { Secret } from '../secrets/secret.js'

/** Options of `withSecret`. */
export interface WithSecretOptions {
  /**
   * Returns whether the error that `use` threw means that the secret was rejected; required. If so, and if there is a newer version, `use`
   * runs once more. If this function throws, that counts as false.
   */
  isAuthError: (error: unknown) => boolean
  /** The staging label to read. @default the `versionStage` of the cache, which is AWSCURRENT unless you set it */
  versionStage?: string | undefined
  /** Ends the wait for the secret, and for a newer version. */
  signal?: AbortSignal | undefined
}

/** The part of the cache that it uses. */
interface Reads {
  getSecret(secretId: string, options?: ReadOptions): Promise<Secret>
  refreshNow(secretId: string, options: RefreshOptions): Promise<Secret>
}

/** Calls `use` with a secret; once more if the secret was rejected and there is a newer version. */
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
  // A read without options takes the fast path.
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
    // The caller needs the original error, not that of the refresh.
    return undefined
  }
}

/** An error in `isAuthError` must not hide the error of the caller's own work. */
function tellsRefusal(isAuthError: WithSecretOptions['isAuthError'], error: unknown): boolean {
  try {
    return isAuthError(error)
  } catch {
    return false
  }
}
