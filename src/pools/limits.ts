/** For how long after a login that worked others log in at the same time. After that, one goes first. */
export const trustedForMs = 1_000

/** A login that takes longer gives up its place: it may hang. */
export const patienceMs = 1_000

/** How long nobody else logs in after a connection was closed to make room for a proof. */
export const roomForMs = 2_000

/** How long whoever waits when a pool ends still waits for a login that is under way. */
export const graceMs = 1_000

/** The pauses before a version that was refused is tried again; the last one is taken from then on. */
export const pausesAfterRefusalMs: readonly number[] = [5_000, 30_000, 60_000]

/** How many refusals one account may be caused within `accountWindowMs`. Databases lock accounts after as few as four. */
export const mostRefusals = 3
export const accountWindowMs = 30_000

/** How often one request for a connection is tried again after the database refused it. */
export const mostTriesAgain = 3

/** How long a proof may take, also where the pool's own connections are not bounded. */
export const proofTimeoutMs = 10_000

/** How long a locked account is left alone. */
export const lockedForMs = 60_000

/** How often, at most, the secret is read again because its server cannot be reached. */
export const lookForServerEveryMs = 10_000

/** For how long a denied read of AWSPENDING is not repeated: whoever may not read it now will not be allowed to in a moment. */
export const pendingDeniedForMs = 3_600_000

/** The pause before the secret is looked at again, the `round`th time: a call to Secrets Manager, no login. */
export function pauseBeforeLook(round: number): number {
  return spread(Math.min(250 * 1.5 ** (round - 1), 8_000))
}

/** The pause after the `failures`th proof in a row that failed for another reason than its credentials. */
export function pauseAfterFailure(failures: number): number {
  return spread(Math.min(250 * 3 ** (failures - 1), 60_000))
}

/** Never shorter, so that the limits hold; a little longer, so that the instances of a fleet part. */
export function spread(ms: number): number {
  return ms * (1 + Math.random() / 4)
}

/** Whether less than `ms` have passed since then. */
export function isWithin(ms: number, since: number, now: number): boolean {
  return now - since < ms
}
