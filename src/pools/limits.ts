/** How long after a login that worked others may log in at the same time. After that, one goes first. */
export const trustedForMs = 1_000

/** A login that takes longer gives up its place: it may hang. */
export const patienceMs = 1_000

/** How long no other login starts after a connection was closed to make room for a proof. */
export const roomForMs = 2_000

/** How long requests that wait when a pool ends still wait for a login in progress. */
export const graceMs = 1_000

/** The pauses before a rejected version is tried again; the last one applies from then on. */
export const pausesAfterRefusalMs: readonly number[] = [5_000, 30_000, 60_000]

/** The pause after the `refusals`th rejection in a row. */
export function pauseAfterRefusal(refusals: number): number {
  return spread(pausesAfterRefusalMs[Math.min(refusals, pausesAfterRefusalMs.length) - 1] as number)
}

/** How many rejections one account may receive within `accountWindowMs`. Databases lock accounts after as few as four. */
export const mostRefusals = 3
export const accountWindowMs = 30_000

/** How often one request for a connection is retried after the database has rejected it. */
export const mostTriesAgain = 3

/** How long a proof may take, even if the pool's own connections have no limit. */
export const proofTimeoutMs = 10_000

/** How long a locked account is left alone. */
export const lockedForMs = 60_000

/** The secret is read again at most this often because its server cannot be reached. */
export const lookForServerEveryMs = 10_000

/** How long a denied read of AWSPENDING is not repeated: a caller that is denied now will not be allowed in a moment. */
export const pendingDeniedForMs = 3_600_000

/** The pause before the secret is read again for the `round`th time: that is a call to Secrets Manager, not a login. */
export function pauseBeforeLook(round: number): number {
  return spread(Math.min(250 * 1.5 ** (round - 1), 8_000))
}

/** The pause after the `failures`th proof in a row that failed for a reason other than its credentials. */
export function pauseAfterFailure(failures: number): number {
  return spread(Math.min(250 * 3 ** (failures - 1), 60_000))
}

/** Never shorter, so that the limits hold; slightly longer, so that the instances of a fleet spread out. */
function spread(ms: number): number {
  return ms * (1 + Math.random() / 4)
}

/** Whether less than `ms` have passed since then. */
export function isWithin(ms: number, since: number, now: number): boolean {
  return now - since < ms
}
