/** The part of a `SecretCache` that hears about rotations. */
export interface RotationTarget {
  /** Takes the payload of any transport. It resolves with what was done about each event in it, and does not reject. */
  handleRotationEvent(payload: unknown): Promise<unknown>
}

/** The part of a `SecretCache` that a listener to a queue needs. */
export interface RevalidationTarget extends RotationTarget {
  /** Marks everything as stale: rotations may have been missed. */
  revalidate(): void
}

/** Whether a refresh failed for a transient reason, by the results of `handleRotationEvent`: then the same event is of use once more. */
export function failedInPassing(results: unknown): boolean {
  if (!Array.isArray(results)) return false
  return results.some((result: { outcome?: unknown; reason?: unknown } | null | undefined) => {
    // What is no event is rejected too, with a phrase for a reason. A failure has a code.
    return result?.outcome === 'rejected' && typeof result.reason === 'string' && result.reason.startsWith('ERR_')
  })
}
