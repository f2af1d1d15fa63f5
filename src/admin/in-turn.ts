import { parseSecretArn } from '../core/secrets/secret-id.js'
import { untilAborted } from '../core/time/until-aborted.js'
import { closedError } from './admin-error.js'
import type { Call } from './send.js'

const suffixLength = 7
const suffixForm = /^-[A-Za-z0-9]{6}$/

/**
 * Begins `write` when the previous one of the same secret has ended, successfully or not, so that the cache learns of the last write last.
 * Throws if the cache is closed; `close` waits for writes in the queue. A write whose signal aborts while it waits never begins.
 */
export function inTurn<T>({ access, secretId, operation, signal }: Call, write: () => Promise<T>): Promise<T> {
  const { closing, underWay: writes } = access
  if (closing.aborted) throw closedError(secretId, operation)
  signal?.throwIfAborted()
  const queue = queueOf(secretId)
  const before = writes.get(queue)
  const mine = before === undefined ? write() : untilAborted(before, signal).then(write)
  // `ended` includes `before`: if this write gives up waiting, the next one must still wait for the previous one.
  const ended = Promise.allSettled([before, mine]).then(() => {})
  writes.set(queue, ended)
  void ended.then(() => {
    // A later write may own the queue by now.
    if (writes.get(queue) === ended) writes.delete(queue)
  })
  return mine
}

/** The part that a secret's name and its ARNs have in common. Another secret with the same part waits needlessly, which does no harm. */
function queueOf(secretId: string): string {
  const name = parseSecretArn(secretId)?.resource ?? secretId
  let end = name.length
  while (end > 0 && suffixForm.test(name.slice(end - suffixLength, end))) end -= suffixLength
  return name.slice(0, end)
}
