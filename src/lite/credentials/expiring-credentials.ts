import type { CompleteClock } from '../../core/time/clock.js'
import type { Credentials } from './credentials.js'

/** Credentials that expire. */
export interface Expiring extends Credentials {
  readonly expiresAt: number
}

/** How long before they expire credentials are renewed. */
const renewMs = 5 * 60_000
/** How long after a failed renewal credentials that are still valid are used without another attempt. */
const pauseMs = 60_000

/** Keeps credentials until they are about to expire. Concurrent callers share one renewal. */
export function expiringCredentials(
  clock: CompleteClock,
  ask: () => Promise<Expiring>,
): { get(): Promise<Credentials>; forget(): void } {
  let held: Expiring | undefined
  let renewAt = 0
  let renewing: Promise<Expiring> | undefined

  async function renew(): Promise<Expiring> {
    try {
      held = await ask()
      renewAt = held.expiresAt - renewMs
    } catch (error) {
      const now = clock.now()
      if (held === undefined || now >= held.expiresAt) throw error
      renewAt = Math.min(now + pauseMs, held.expiresAt)
    }
    return held
  }

  return {
    async get() {
      if (held !== undefined && clock.now() < renewAt) return held
      renewing ??= renew().finally(() => {
        renewing = undefined
      })
      return renewing
    },
    forget() {
      held = undefined
    },
  }
}
