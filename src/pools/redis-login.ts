import type { Readings } from './followed.js'
import { type RedisUser, redisUserOf } from './redis-user.js'

/** The login that one version of the secret contains. Connections are tagged with it. */
export interface RedisLogin extends RedisUser {
  readonly versionId: string
}

/** How a secret or a source is read. */
export const redisReadings: Readings<RedisLogin> = {
  ofSecret: () => ({ sameAccount, loginOf: secret => ({ versionId: secret.versionId, ...redisUserOf(secret) }) }),
  ofSource: { sameAccount, fromSource: ({ id, username, password }) => ({ versionId: id, username, password }) },
}

export function sameAccount(one: RedisLogin, other: RedisLogin): boolean {
  return userOf(one) === userOf(other)
}

export function userOf({ username = 'default' }: RedisLogin): string {
  return username
}

/** Whether the two are the same to Redis. */
export function sameLogin(one: RedisLogin, other: RedisLogin): boolean {
  return sameAccount(one, other) && one.password === other.password
}

/** In the form that ioredis passes to AUTH. */
export function authOf({ username, password }: RedisLogin): string | readonly [string, string] {
  return username === undefined ? password : [username, password]
}
