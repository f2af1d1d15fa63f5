const minuteMs = 60_000

/** The part of its life that a window of a login may take at most, so that a login of seconds works too. */
const mostOfLife = 1 / 3

/** The part of the advisory window in which the renewals of many processes are spread. */
const spreadOfWindow = 0.2

/** When a login is renewed, in milliseconds since the epoch. */
export interface RenewalTimes {
  /** From then on it is renewed in the background, while it is still in use. */
  readonly advisoryAt: number
  /** From then on, callers wait for the next one. */
  readonly mandatoryAt: number
  /** From then on it opens no connection. */
  readonly endsAt: number
}

/** The windows that the AWS SDKs share for credentials, by the life of the login. */
export function renewalTimes(issuedAt: number, endsAt: number): RenewalTimes {
  if (endsAt === Number.POSITIVE_INFINITY) return { advisoryAt: endsAt, mandatoryAt: endsAt, endsAt }
  const lifeMs = endsAt - issuedAt
  const atMost = (ms: number): number => Math.min(ms, lifeMs * mostOfLife)
  const advisoryMs = atMost(advisoryWindow(lifeMs))
  const spreadMs = Math.random() * spreadOfWindow * advisoryMs
  return { advisoryAt: endsAt - advisoryMs + spreadMs, mandatoryAt: endsAt - atMost(minuteMs), endsAt }
}

function advisoryWindow(lifeMs: number): number {
  if (lifeMs <= 20 * minuteMs) return 5 * minuteMs
  return lifeMs < 90 * minuteMs ? 15 * minuteMs : 60 * minuteMs
}
