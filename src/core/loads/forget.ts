import { settle } from './announce.js'
import type { LoadContext } from './load-context.js'

/** Removes a secret in all its stages, and drops the results of loads under way. */
export function forget(context: LoadContext, secretId: string): void {
  const sequence = context.sequence.next()
  const meant = context.index.findRecord(secretId)
  for (const record of context.index.void(secretId, sequence)) {
    record.keepBucket(context.clock.now())
    for (const entry of record.entries()) {
      entry.forget(sequence, record === meant)
      settle(context, entry)
    }
  }
}
