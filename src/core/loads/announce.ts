import type { Entry, SecretRecord } from '../entries/entry.js'
import type { Selector } from '../entries/selector.js'
import type { RotatedEvent, SecretCacheEvent } from '../events/events.js'
import type { LoadContext } from './load-context.js'

/** An entry, or the known part of one that no longer exists. */
interface Described {
  readonly record: Pick<SecretRecord, 'id'> & Partial<Pick<SecretRecord, 'arn' | 'name'>>
  readonly selector: Selector
}

/** The fields that all events have. */
export function describe({ record, selector }: Described): Pick<SecretCacheEvent, 'secretId' | 'arn' | 'name' | 'versionStage'> {
  return { secretId: record.id, arn: record.arn, name: record.name, versionStage: selector.versionStage }
}

/** Counts the move of a secret to the held version. The returned function emits the event. */
export function rotation({ counters, emitter }: LoadContext, entry: Entry, previousVersionId: string): () => void {
  const versionId = entry.held?.versionId
  if (versionId === undefined) return () => {}
  counters.rotations += 1
  return () => emitter.emit('rotated', () => ({ ...describe(entry), versionId, previousVersionId }))
}

/** The event for one follower. */
export function rotatedEventFor(entry: Entry, change: { versionId: string; previousVersionId: string }): RotatedEvent {
  return Object.freeze({ type: 'rotated', ...describe(entry), ...change })
}

/** Puts an entry where it belongs after a change, and emits events for those that were evicted. */
export function settle({ index, counters, emitter }: LoadContext, entry: Entry): void {
  const evicted = index.settle(entry)
  for (const other of evicted) {
    other.forget(0)
    index.settle(other)
    counters.evictions += 1
  }
  for (const other of evicted) emitter.emit('evicted', () => describe(other))
}
