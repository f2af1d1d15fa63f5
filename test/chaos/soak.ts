// The same service for a long time, with rotations, evictions and failures; its heap and its handles must stay what they are: npm run test:soak
import { setTimeout as sleep } from 'node:timers/promises'
import { startActivity } from './activity.js'
import { closeService, lookAround } from './closing.js'
import { FaultLog } from './fault-log.js'
import { EventDelivery } from './faults/event-delivery.js'
import { serviceFaults } from './faults/service-faults.js'
import { judgeService } from './judge-service.js'
import { writeJUnit } from './junit.js'
import { planLane, playLane } from './lane.js'
import { readOptions } from './options.js'
import { Random } from './random.js'
import { describeRun, resultsOf } from './report.js'
import { setStage } from './stage.js'
import { floors, rises, type Sample, trendOf } from './trend.js'

const { seconds, seed, reports } = readOptions(
  'npm run test:soak -- [--seconds 30 | --minutes 60] [--seed N] [--reports FOLDER]',
  30,
)
const mebibyte = 1024 * 1024
/** Caches, code and what pools keep fill up at first. */
const warmUpMs = Math.min(60_000, (seconds * 1_000) / 3)
const measureEveryMs = Math.max(500, (seconds * 1_000) / 300)
const stormMs = 2_000
const lullMs = 1_000
/** What a heap may grow by from the first sample to the last, for the code that the runtime compiles meanwhile: within an hour a leak of a few bytes a read is more. */
const heapTolerance = 2 * mebibyte
/** A leak of one in twenty rotations is more, even within half a minute. */
const handleTolerance = 16
console.log(`A soak of ${seconds} s by seed ${seed}`)

await using stage = await setStage()
const faults = new FaultLog()
const { service, judge } = await judgeService(stage, faults, seed, ['--expose-gc'])
const delivery = new EventDelivery(service.tell, new Random(seed, 'delivery'), faults)
stage.onEvent(event => delivery.deliver(event))
const activity = startActivity(stage, seed, 4)
const lane = serviceFaults(stage.fake, stage.keys)
const random = new Random(seed, lane.name)

const heap: Sample[] = []
const handles: Sample[] = []
const endsAt = performance.now() + warmUpMs + seconds * 1_000
const startedAt = performance.now()

async function storms(): Promise<void> {
  while (performance.now() < endsAt) {
    await playLane(planLane(lane, random, stormMs), faults)
    stage.fake.resetCalls()
    await sleep(lullMs)
  }
}

async function measure(): Promise<void> {
  await sleep(warmUpMs)
  while (performance.now() < endsAt) {
    const measured = service.next('measured')
    service.tell({ type: 'measure' })
    const { heapBytes, resources } = await measured
    const at = (performance.now() - startedAt) / 1_000
    heap.push({ at, value: heapBytes })
    handles.push({ at, value: resources })
    await sleep(measureEveryMs)
  }
}

await Promise.all([storms(), measure()])
const outcome = await activity.stop()
if (outcome !== true) judge.violated('rotation', String(outcome))
await sleep(5_000)
await lookAround(service, judge, stage.history)
await closeService(service, judge)

const { slope, error } = trendOf(heap)
const perHour = (bytesPerSecond: number): string => ((bytesPerSecond * 3_600) / mebibyte).toFixed(2)
const heapLine = `${((heap.at(-1)?.value ?? 0) / mebibyte).toFixed(1)} MiB after ${heap.length} samples, ${perHour(slope)} ± ${perHour(2 * error)} MiB an hour`
const [fewest, fewestLater] = floors(handles)
const handleLine = `at least ${fewest} in the first half, ${fewestLater} in the second`
const results = [
  ...resultsOf(judge),
  { title: 'the heap is flat', failures: rises(heap, heapTolerance) ? [heapLine] : [] },
  { title: 'the handles are flat', failures: fewestLater > fewest + handleTolerance ? [handleLine] : [] },
]
console.log(`${describeRun(judge, faults, activity)}\nheap: ${heapLine}\nhandles, timers and listeners: ${handleLine}`)
const failed = results.filter(({ failures }) => failures.length > 0)
console.log(
  `seed ${seed}: ${failed.length === 0 ? 'all holds' : failed.map(({ title }) => `does not hold: ${title}`).join('; ')}`,
)
if (reports !== undefined) writeJUnit(reports, 'soak', results)
process.exitCode = failed.length === 0 ? 0 : 1
