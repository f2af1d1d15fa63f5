import { atMost } from '../core/time/at-most.js'
import type { CompleteClock } from '../core/time/clock.js'
import { proofTimeoutMs } from '../pools/limits.js'
import { authOf, type RedisLogin } from '../pools/redis-login.js'
import { checkTls } from '../pools/tls-only.js'
import type { HookedRedis, RedisOptions } from './driver.js'
import { ownError } from './own-error.js'

/** Options of a connection that does nothing but log in, with an explicit command, so that its error is reported unchanged. */
const bare: RedisOptions = {
  lazyConnect: true,
  username: undefined,
  password: undefined,
  protocol: 2,
  replyMapping: 'legacy',
  db: 0,
  readOnly: false,
  monitor: false,
  connectionName: undefined,
  disableClientInfo: true,
  himportFieldsets: undefined,
  enableReadyCheck: false,
  enableOfflineQueue: true,
  enableAutoPipelining: false,
  commandTimeout: undefined,
  retryStrategy: null,
  reconnectOnError: null,
}

/** Logs in once, on a connection of its own, and disconnects. Resolves with the error if that does not work. */
export async function prove(
  duplicate: HookedRedis['duplicate'],
  login: RedisLogin,
  { clock, tlsOnly }: { clock: CompleteClock; tlsOnly: boolean },
): Promise<Error | undefined> {
  const probe = duplicate(bare)
  let lost: unknown
  probe.on('error', error => {
    lost ??= error
  })
  try {
    const loggedIn = probe.connect().then(() => {
      // With Sentinel, the option `tls` alone is none to the master.
      checkTls({ tlsOnly }, probe.stream?.encrypted)
      return probe.call('AUTH', ...[authOf(login)].flat())
    })
    await atMost(clock, proofTimeoutMs, loggedIn, () => {
      throw Object.assign(new Error('Redis has not answered the login.'), { code: 'ETIMEDOUT' })
    })
    return undefined
  } catch (error) {
    return ownError(lost ?? error)
  } finally {
    probe.disconnect()
  }
}
