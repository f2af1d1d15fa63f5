import { settle } from './announce.js'
import type { LoadContext } from './load-context.js'

/** Forgets a secret in all its stages, and what loads under way will bring of it. */
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
