import { mostRefusals } from '../pools/limits.js'
import { redisKindOf } from '../pools/redis-error.js'
import type { Command, CommandError, HookedRedis } from './driver.js'

/** Commands with a password among their arguments. */
const logins = ['auth', 'hello']

/** What the client itself sends on a new connection, and what Redis refuses if the login was refused. */
const handshake = [...logins, 'info']

/**
 * Looks after the logins of a client that fail. Their errors hold the password, and are told to the listeners of the client and to each
 * command that waits: so the arguments are taken out of them.
 *
 * And a login that was proven a moment ago may be refused all the same, when the password has changed in between. The client would fail
 * all commands that wait for the connection. It is made to connect again instead, a few times, which proves a login first.
 */
export function hookLogins(redis: HookedRedis): void {
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
    if (logins.includes(name)) onReject(command, hideArguments)
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

/** The error may be that of another command, whose failure has ended the connection. */
function hideArguments(error: CommandError): void {
  if (error.command !== undefined) error.command = { ...error.command, args: [] }
}
