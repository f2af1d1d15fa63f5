/** The part of a `SecretCache` that receives rotation events. */
export interface RotationTarget {
  /** Handles the payload of any transport. Resolves with the result for each event in it, and never rejects. */
  handleRotationEvent(payload: unknown): Promise<unknown>
}

/** The part of a `SecretCache` that a queue listener needs. */
export interface RevalidationTarget extends RotationTarget {
  /** Marks all values as stale, because rotations may have been missed. */
  revalidate(): void
}

/** Whether, by the results of `handleRotationEvent`, a refresh failed for a transient reason: then the same event is worth retrying. */
export function failedInPassing(results: unknown): boolean {
  if (!Array.isArray(results)) return false
  return results.some((result: { outcome?: unknown; reason?: unknown } | null | undefined) => {
    // A payload that is not an event is rejected too, with a phrase as its reason. A failure has a code.
    return result?.outcome === 'rejected' && typeof result.reason === 'string' && result.reason.startsWith('ERR_')
  })
}
