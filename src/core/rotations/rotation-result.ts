/** What `handleRotationEvent` did about one event. */
export interface RotationResult {
  /**
   * - `refreshed`: the cache holds the new version
   * - `unchanged`: the cache has read again and holds what it held
   * - `scheduled`: it will read within `refreshSpreadMs`
   * - `ignored`: the event is not about the current version of a secret that is cached
   * - `rejected`: it is no event, or reading failed for a transient reason. What is held is past its TTL then, and read again by the
   *   backoff; the same event delivered again is taken up again
   */
  readonly outcome: 'refreshed' | 'unchanged' | 'scheduled' | 'ignored' | 'rejected'
  /** A short fixed phrase, or the code of the error. */
  readonly reason: string
  /** The secret that the event is about: by the id it was first read with if it is cached, else as the event names it. */
  readonly secretId?: string
  /** The version that the cache now holds. */
  readonly versionId?: string
}

export function result(
  outcome: RotationResult['outcome'],
  reason: string,
  secretId?: string,
  versionId?: string,
): RotationResult {
  return { outcome, reason, ...(secretId !== undefined && { secretId }), ...(versionId !== undefined && { versionId }) }
}
