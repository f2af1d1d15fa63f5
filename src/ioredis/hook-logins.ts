import { mostRefusals } from '../pools/limits.js'
import { redisKindOf } from '../pools/redis-error.js'
import { tlsErrorOf } from '../pools/tls-only.js'
import type { Command, CommandError, HookedRedis } from './driver.js'

/** Commands with a password in their arguments. */
const logins = ['auth', 'hello']

/** The commands that the client itself sends on a new connection, and that Redis rejects if the login was rejected. */
const handshake = [...logins, 'info']

/**
 * Handles logins that fail. Their errors contain the password, and are passed to the client's listeners and to each waiting command, so the
 * arguments are removed from them.
 *
 * A login that was proven a moment ago may still be rejected, if the password has changed since. The client would fail all commands that
 * wait for the connection. So it is made to reconnect instead, a few times, which proves a login first.
 */
export function hookLogins(redis: HookedRedis, following: { readonly tlsOnly: boolean }): void {
  let repeats = 0
  redis.on('ready', () => {
    repeats = 0
  })
  const repeat = (): void => {
    repeats += 1
    redis.disconnect(true)
  }
  const send = redis.sendCommand.bind(redis)
  redis.sendCommand = (command, ...rest) => {
    const name = command.name.toLowerCase()
    if (logins.includes(name)) {
      onReject(command, hideArguments)
      const error = tlsErrorOf(following, redis.stream?.encrypted)
      if (error !== undefined) {
        command.reject(error)
        return command.promise
      }
    }
    if (redis.status === 'connect' && repeats < mostRefusals && handshake.includes(name)) {
      const reject = command.reject.bind(command)
      command.reject = error => (redisKindOf(error) === 'refused' ? repeat() : reject(error))
    }
    return send(command, ...rest)
  }
}

function onReject(command: Command, then: (error: CommandError) => void): void {
  const reject = command.reject.bind(command)
  command.reject = error => {
    if (error !== undefined) then(error)
    reject(error)
  }
}

/** The error may belong to another command, whose failure has ended the connection. */
function hideArguments(error: CommandError): void {
  if (error.command !== undefined) error.command = { ...error.command, args: [] }
}
