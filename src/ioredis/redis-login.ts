import type { Reading } from '../pools/followed-secret.js'
import { type RedisUser, redisUserOf } from '../pools/redis-user.js'

/** The login that one version of the secret contains. Connections are tagged with it. */
export interface RedisLogin extends RedisUser {
  readonly versionId: string
}

/** How the secret is read. */
export const reading: Reading<RedisLogin> = {
  loginOf: secret => ({ versionId: secret.versionId, ...redisUserOf(secret) }),
  sameAccount: (one, other) => userOf(one) === userOf(other),
}

export function userOf({ username = 'default' }: RedisLogin): string {
  return username
}

/** Whether the two are the same to Redis. */
export function sameLogin(one: RedisLogin, other: RedisLogin): boolean {
  return reading.sameAccount(one, other) && one.password === other.password
}

/** In the form that ioredis passes to AUTH. */
export function authOf({ username, password }: RedisLogin): string | readonly [string, string] {
  return username === undefined ? password : [username, password]
}
