import type { CompleteClock } from '../../core/time/clock.js'
import type { Credentials } from './credentials.js'

/** Credentials that end. */
export interface Expiring extends Credentials {
  readonly expiresAt: number
}

/** So long before they expire, new ones are asked for. */
const renewMs = 5 * 60_000
/** So long after a renewal that failed, those that still hold are used without asking again. */
const pauseMs = 60_000

/** Keeps credentials until they are about to expire, and asks once for all who need new ones. */
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
