import { setTimeout as sleep } from 'node:timers/promises'
import type { FaultLog, Touched } from './fault-log.js'
import type { Random } from './random.js'

/** Something that goes wrong. */
interface Fault {
  name: string
  touched: readonly Touched[]
  /** Makes it go wrong; what it returns puts it right again. */
  begin(): (() => unknown) | undefined
}

/** A place where one fault follows the other. */
export interface Lane {
  name: string
  pauseMs: readonly [least: number, most: number]
  lastsMs: readonly [least: number, most: number]
  draw(random: Random): Fault
}

/** A fault and its time, from the beginning of the storm. */
interface PlannedFault {
  atMs: number
  untilMs: number
  fault: Fault
}

/** Draws what happens on a lane during a storm: the same faults at the same times for the same seed. */
export function planLane({ pauseMs, lastsMs, draw }: Lane, random: Random, stormMs: number): PlannedFault[] {
  const planned: PlannedFault[] = []
  let atMs = random.between(...pauseMs)
  while (atMs < stormMs) {
    const untilMs = Math.min(stormMs, atMs + random.between(...lastsMs))
    planned.push({ atMs, untilMs, fault: draw(random) })
    atMs = untilMs + random.between(...pauseMs)
  }
  return planned
}

/** Lets the faults of a lane happen; resolves when all is right again. */
export async function playLane(planned: readonly PlannedFault[], log: FaultLog): Promise<void> {
  const startedAt = performance.now()
  const until = (ms: number): Promise<void> => sleep(Math.max(0, startedAt + ms - performance.now()))
  for (const { atMs, untilMs, fault } of planned) {
    await until(atMs)
    const end = log.begin(fault.name, ...fault.touched)
    const restore = fault.begin()
    await until(untilMs)
    await restore?.()
    end()
  }
}
