/** How many logins with a refused version, its successor and AWSPENDING one window may cost. Databases lock accounts that fail too often. */
export const loginsOfAWindow = 6

/** After that, how long until the next one. */
export const probeEveryMs = 60_000

/** For how long after a login that worked others log in at the same time. After that, one goes first. */
export const trustedForMs = 1_000

/** How long the others wait for that one: a login that takes longer says nothing about the password. */
export const patienceMs = 1_000

/** For how long a denied read of AWSPENDING is not repeated: whoever may not read it now will not be allowed to in a moment. */
export const pendingDeniedForMs = 3_600_000

/** The pause before the pool looks again whether the secret has moved, the `round`th time: a call to Secrets Manager, no login. */
export function pauseBeforeLook(round: number): number {
  return spread(Math.min(250 * 1.5 ** (round - 1), 8_000))
}

/** The pause after the `failures`th login in a row with a version that the pool would move to. */
export function pauseAfterLogin(failures: number): number {
  return spread(failures < loginsOfAWindow ? 250 * 3 ** (failures - 1) : probeEveryMs)
}

/** Never shorter, so that the limits hold; a little longer, so that the instances of a fleet part. */
function spread(ms: number): number {
  return ms * (1 + Math.random() / 4)
}

/** Whether less than `ms` have passed since then. A clock that was set back prolongs nothing. */
export function isWithin(ms: number, since: number, now: number): boolean {
  const agoMs = now - since
  return agoMs >= 0 && agoMs < ms
}
