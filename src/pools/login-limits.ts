/** How many logins with a refused version, its successor and AWSPENDING one window may cost. Databases lock accounts that fail too often. */
export const loginsOfAWindow = 6

/** After that, how long until the next one. */
export const probeEveryMs = 60_000

/** For how long a denied read of AWSPENDING is not repeated: whoever may not read it now will not be allowed to in a moment. */
export const pendingDeniedForMs = 3_600_000

/** The pause before the pool looks again whether the secret has moved, the `round`th time: a call to Secrets Manager, no login. */
export function pauseBeforeLook(round: number): number {
  return spread(Math.min(250 * 2 ** (round - 1), 8_000))
}

/** The pause after the `failures`th login in a row with a version that the pool would move to. */
export function pauseAfterLogin(failures: number): number {
  return spread(failures < loginsOfAWindow ? 250 * 3 ** (failures - 1) : probeEveryMs)
}

/** Never shorter, so that the limits hold; a little longer, so that the instances of a fleet part. */
function spread(ms: number): number {
  return ms * (1 + Math.random() / 4)
}
