import { randomBytes } from 'node:crypto'
import { expect } from 'vitest'
import { credentialsFrom, type ExpiringLogin, type LoginSource } from '../../src/iam/index.js'
import { ManualClock } from '../../src/testing/index.js'
import { eventually } from './pool-scene.js'

export const minuteMs = 60_000

/** As long as tokens of RDS are. */
const tokenBytes = 600

/** How an issuer and its server agree. */
export interface IssuerOptions {
  /** Makes the server accept a login, before the issuer returns it. */
  accept(username: string, password: string): unknown
  /** The user of the login with this number; 1 is the first. */
  userOf(number: number): string
  lifeMs?: number
  /** Whether the user ends together with its password, as with Vault. */
  endsUser?: boolean
  requiresTls?: boolean
}

/** Issues long random tokens, by a clock that the test advances. */
export interface TokenIssuer {
  readonly clock: ManualClock
  readonly source: LoginSource
  /** How many logins it was asked for. */
  readonly asked: number
  /** What it has issued, the oldest first. */
  readonly issued: readonly Pick<ExpiringLogin, 'id' | 'username' | 'password'>[]
  /** The ids of the logins that it was told are rejected. */
  readonly rejected: readonly string[]
}

export function issueTokens({
  accept,
  userOf,
  lifeMs = 15 * minuteMs,
  endsUser = false,
  requiresTls = false,
}: IssuerOptions): TokenIssuer {
  const clock = new ManualClock()
  const issued: TokenIssuer['issued'][number][] = []
  const rejected: string[] = []
  let asked = 0
  const get = async () => {
    asked += 1
    const number = issued.length + 1
    const login = { id: `token-${number}`, username: userOf(number), password: randomBytes(tokenBytes).toString('hex') }
    await accept(login.username, login.password)
    issued.push(login)
    const endsAt = clock.now() + lifeMs
    return { ...login, loginUntil: endsAt, ...(endsUser && { accountUntil: endsAt }) }
  }
  const source = credentialsFrom({
    clock,
    requiresTls,
    get,
    refresh({ refused }) {
      rejected.push(refused.id)
      return get()
    },
  })
  return {
    clock,
    source,
    issued,
    rejected,
    get asked() {
      return asked
    },
  }
}

/** Advances the clock until a login is renewed, which is at a random moment, and no further: the server answers in its own time. */
export async function renew(issuer: TokenIssuer): Promise<void> {
  const { asked, issued, clock } = issuer
  const count = issued.length + 1
  while (issuer.asked === asked) await clock.advance(1_000)
  await eventually(() => expect(issued).toHaveLength(count))
}

/** Everything that may appear in an event: its JSON contains no token. */
export function containsToken({ issued }: TokenIssuer, events: readonly unknown[]): boolean {
  const text = JSON.stringify(events)
  return issued.some(({ password }) => text.includes(password.slice(0, 20)))
}
