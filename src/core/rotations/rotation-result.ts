/** The outcome of `handleRotationEvent` for one event. */
export interface RotationResult {
  /**
   * - `refreshed`: the cache holds the new version
   * - `unchanged`: the cache still holds the version that it held before
   * - `scheduled`: the cache will load the secret within `refreshSpreadMs`
   * - `ignored`: the event is not about the current version of a secret that is cached
   * - `rejected`: the payload is not an event, or the load failed for a transient reason. In that case, the held value is past its TTL and
   *   is loaded again with the backoff, and a second delivery of the event is handled again
   */
  readonly outcome: 'refreshed' | 'unchanged' | 'scheduled' | 'ignored' | 'rejected'
  /** A short fixed phrase for logs, or the code of the error. */
  readonly reason: string
  /** The secret that the event is about: the id by which it was first read if it is cached, otherwise the id in the event. */
  readonly secretId?: string
  /** The id of the version that the cache holds now. */
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
