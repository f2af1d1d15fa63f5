import { parseSecretArn } from '../core/secrets/secret-id.js'
import { untilAborted } from '../core/time/until-aborted.js'
import { closedError } from './admin-error.js'
import type { Call } from './send.js'

const suffixLength = 7
const suffixForm = /^-[A-Za-z0-9]{6}$/

/**
 * Begins `write` when the last one of the same secret has ended, however it did: what is learned last is then what was written last.
 * Throws if the cache is closed; what has its turn already is waited for by `close`. One whose signal aborts while it waits never begins.
 */
export function inTurn<T>({ access, secretId, operation, signal }: Call, write: () => Promise<T>): Promise<T> {
  const { closing, underWay: writes } = access
  if (closing.aborted) throw closedError(secretId, operation)
  signal?.throwIfAborted()
  const queue = queueOf(secretId)
  const before = writes.get(queue)
  const mine = before === undefined ? write() : untilAborted(before, signal).then(write)
  // Who gives up waiting lets nobody else overtake.
  const ended = Promise.allSettled([before, mine]).then(() => {})
  writes.set(queue, ended)
  void ended.then(() => {
    // A successor may have the place by now.
    if (writes.get(queue) === ended) writes.delete(queue)
  })
  return mine
}

/** What a secret's name and its ARNs have in common. Another secret that has it too waits in vain, which does no harm. */
function queueOf(secretId: string): string {
  const name = parseSecretArn(secretId)?.resource ?? secretId
  let end = name.length
  while (end > 0 && suffixForm.test(name.slice(end - suffixLength, end))) end -= suffixLength
  return name.slice(0, end)
}
