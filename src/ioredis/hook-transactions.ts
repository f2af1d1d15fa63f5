import type { HookedRedis } from './driver.js'

/** Whether a client is between MULTI and EXEC, where Redis would queue an AUTH and put its result among those of the transaction. */
export interface Transactions {
  readonly isOpen: boolean
}

/** Follows the transactions that a client opens command by command; those of a pipeline begin and end at once. */
export function hookTransactions(redis: HookedRedis, onEnd: () => void): Transactions {
  let isOpen = false
  const send = redis.sendCommand.bind(redis)
  redis.sendCommand = (command, ...rest) => {
    const name = command.name.toLowerCase()
    const sent = send(command, ...rest)
    if (name === 'multi') isOpen = true
    else if (isOpen && (name === 'exec' || name === 'discard')) {
      isOpen = false
      // A pipeline may be sending more.
      queueMicrotask(onEnd)
    }
    return sent
  }
  redis.on('close', () => {
    isOpen = false
  })
  return {
    get isOpen() {
      return isOpen
    },
  }
}
