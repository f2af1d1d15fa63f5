import { type IssuerOptions, issueTokens, minuteMs, renew, type TokenIssuer } from '../../support/token-issuer.js'
import type { TestDatabase } from './database.js'

/** A user of Redis with an issuer of its tokens. */
export interface RedisTokens extends TokenIssuer {
  readonly username: string
  /** Has the next token issued, as time does, and the one before removed from Redis. */
  renew(): Promise<void>
  /** Lets hours pass at once, without a timer, and removes what was issued. */
  freeze(): Promise<void>
  accept(token: string): Promise<void>
  reject(token: string): Promise<void>
}

/** Makes a user whose tokens Redis accepts from the moment that they are issued; `isAccepted` decides by the number of a token. */
export async function issueRedisTokens(
  database: TestDatabase,
  { isAccepted = () => true, ...options }: Partial<IssuerOptions> & { isAccepted?: (number: number) => boolean } = {},
): Promise<RedisTokens> {
  const { username } = await database.makeUser()
  const set = async (rule: string): Promise<void> => {
    await database.admin.sendCommand(['ACL', 'SETUSER', username, rule])
  }
  await set('resetpass')
  const issuer = issueTokens({
    accept: (_, token) => (isAccepted(issuer.issued.length + 1) ? set(`>${token}`) : undefined),
    userOf: () => username,
    ...options,
  })
  const reject = (token: string): Promise<void> => set(`<${token}`)
  return Object.assign(issuer, {
    username,
    accept: (token: string) => set(`>${token}`),
    reject,
    async renew() {
      const before = issuer.issued.at(-1)
      await renew(issuer)
      if (before !== undefined) await reject(before.password).catch(() => {})
    },
    async freeze() {
      for (const { password } of issuer.issued) await reject(password).catch(() => {})
      issuer.clock.set(issuer.clock.now() + 120 * minuteMs)
    },
  })
}

/** How many commands AUTH Redis has got on all connections, and how many of them it has rejected. */
export async function countAuth({ admin }: TestDatabase): Promise<{ calls: number; failed: number }> {
  const stats = String(await admin.sendCommand(['INFO', 'commandstats']))
  const [, calls, rejected, failed] = /cmdstat_auth:calls=(\d+),.*rejected_calls=(\d+),failed_calls=(\d+)/.exec(stats) ?? []
  return { calls: Number(calls ?? 0), failed: Number(rejected ?? 0) + Number(failed ?? 0) }
}
