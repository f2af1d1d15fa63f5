import { redisCodeOf } from '../pools/redis-error.js'

/**
 * A copy of an ioredis error without its `command`, whose arguments contain the password. `code` is the code of Redis, such as WRONGPASS,
 * or that of the network.
 */
export function ownError(error: unknown): Error & { code: string | undefined } {
  const { name, message, code } = (error ?? {}) as { name?: unknown; message?: unknown; code?: unknown }
  const own = new Error(typeof message === 'string' ? message : 'The login failed.')
  own.name = typeof name === 'string' ? name : 'Error'
  return Object.assign(own, { code: redisCodeOf(error) ?? (typeof code === 'string' ? code : undefined) })
}
