import type { ExpiringLogin, LoginSource } from '../../src/iam/index.js'
import { credentialsFrom } from '../../src/iam/index.js'
import { ManualClock } from '../../src/testing/index.js'

const minuteMs = 60_000

/** An issuer of numbered tokens, played by hand. */
export interface Issuer {
  readonly clock: ManualClock
  readonly source: LoginSource
  /** The logins that it has issued. */
  readonly issued: number
  /** How many times it was asked. */
  readonly asked: number
  /** What it does: how long a login lasts, and how it fails. */
  does: { lifeMs: number; username: string; error?: Error; hangs?: boolean; accountMs?: number }
}

export function issuer(options: { lifeMs?: number; refresh?: boolean } = {}): Issuer {
  const clock = new ManualClock()
  const does: Issuer['does'] = { lifeMs: options.lifeMs ?? 15 * minuteMs, username: 'app' }
  let issued = 0
  let asked = 0
  const issue = async ({ signal }: { signal: AbortSignal }) => {
    asked += 1
    if (does.hangs) await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    if (does.error !== undefined) throw does.error
    issued += 1
    return {
      id: `token-${issued}`,
      username: does.username,
      password: `password ${issued}`,
      loginUntil: clock.now() + does.lifeMs,
      ...(does.accountMs !== undefined && { accountUntil: clock.now() + does.accountMs }),
    }
  }
  return {
    clock,
    does,
    source: credentialsFrom({ clock, get: issue }),
    get issued() {
      return issued
    },
    get asked() {
      return asked
    },
  }
}

export async function idOf(login: Promise<ExpiringLogin>): Promise<string> {
  return (await login).id
}
