import { createHook } from 'node:async_hooks'

/** How many there are, by kind. */
export type ResourceCounts = Record<string, number>

/** The timers that are on, each with the place that set it. */
const timers = new Map<number, Error>()

/** From now on timers count as well that keep nothing alive: no list of the runtime's has them. */
export function watchTimers(): void {
  createHook({
    init: (id, type) => void (type === 'Timeout' && timers.set(id, new Error(type))),
    destroy: id => void timers.delete(id),
  }).enable()
}

/** The handles, requests and timers of this process, and its listeners. */
export function openResources(): ResourceCounts {
  const counts: ResourceCounts = {}
  const count = (kind: string, by: number): void => {
    counts[kind] = (counts[kind] ?? 0) + by
  }
  for (const kind of process.getActiveResourcesInfo()) if (kind !== 'Timeout') count(kind, 1)
  count('timer', timers.size)
  // Handles that keep nothing alive are in this list only.
  for (const handle of (process as unknown as { _getActiveHandles(): object[] })._getActiveHandles()) {
    count(`handle ${handle.constructor.name}`, 1)
  }
  for (const event of process.eventNames()) count(`listener of ${String(event)}`, process.listenerCount(event))
  return counts
}

/** What there is more of now than before. */
export function leftOver(before: ResourceCounts, now: ResourceCounts): ResourceCounts {
  const more = Object.entries(now).map(([kind, count]) => [kind, count - (before[kind] ?? 0)] as const)
  return Object.fromEntries(more.filter(([, count]) => count > 0))
}

/** The same with the places that set the timers. Nothing for a heap that is measured: the runtime keeps the source maps that it reads for it. */
export function namePlaces({ timer, ...others }: ResourceCounts): ResourceCounts {
  if (timer === undefined) return others
  const places = [...timers.values()].map(({ stack = '' }) => [`timer set by ${placeOf(stack)}`, 1] as const)
  return { ...others, ...Object.fromEntries(places) }
}

/** The innermost place that is not the runtime's own. */
function placeOf(stack: string): string {
  const [, , ...frames] = stack.split('\n').map(line => line.trim())
  return (frames.find(frame => !/node:|<anonymous>/.test(frame)) ?? frames.at(-1) ?? '').replace(/^at .*\(|\)$/g, '')
}
