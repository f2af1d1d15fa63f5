// Everything goes wrong, at times that a seed decides, and what must hold is checked all the while: npm run test:chaos
import { setTimeout as sleep } from 'node:timers/promises'
import { startActivity } from './activity.js'
import { closeService, lookAround } from './closing.js'
import { FaultLog } from './fault-log.js'
import { databaseFaults } from './faults/database-faults.js'
import { dnsFaults } from './faults/dns-faults.js'
import { EventDelivery } from './faults/event-delivery.js'
import { networkFaults } from './faults/network-faults.js'
import { clockFaults, processFaults } from './faults/process-faults.js'
import { serviceFaults } from './faults/service-faults.js'
import { judgeService } from './judge-service.js'
import { writeJUnit } from './junit.js'
import { planLane, playLane } from './lane.js'
import { readOptions } from './options.js'
import { Random } from './random.js'
import { describeRun, resultsOf } from './report.js'
import { setStage } from './stage.js'

const { seconds, seed, reports } = readOptions('npm run test:chaos -- [--seconds 60] [--seed N] [--reports FOLDER]', 60)
const stormMs = 8_000
const lullMs = 10_000
console.log(`Chaos for ${seconds} s by seed ${seed}`)

await using stage = await setStage()
const { fake, keys, databases, history, proxy } = stage
const faults = new FaultLog()
const { service, judge } = await judgeService(stage, faults, seed)
const delivery = new EventDelivery(service.tell, new Random(seed, 'delivery'), faults)
stage.onEvent(event => delivery.deliver(event))
const activity = startActivity(stage, seed)

const lanes = [
  serviceFaults(fake, [...keys, ...databases.map(({ secretId }) => secretId)]),
  networkFaults(proxy, 'service'),
  dnsFaults(service, ['service', ...databases.map(({ name }) => name)]),
  ...databases.flatMap(database => [networkFaults(database.proxy, database.name), databaseFaults(database)]),
  clockFaults(service),
  processFaults(service),
  delivery.garbage(),
].map(lane => ({ lane, random: new Random(seed, lane.name) }))

const endsAt = performance.now() + seconds * 1_000
let over: string | undefined
void service.ended.then(ending => {
  over = ending
})
while (over === undefined && performance.now() < endsAt) {
  delivery.stormy = true
  await Promise.all(lanes.map(({ lane, random }) => playLane(planLane(lane, random, stormMs), faults)))
  delivery.stormy = false
  await sleep(lullMs)
}
delivery.stop()
if (over === undefined) {
  const outcome = await activity.stop()
  if (outcome !== true) judge.violated('rotation', String(outcome))
  await sleep(lullMs)
  await lookAround(service, judge, history)
  await closeService(service, judge)
} else judge.violated('exit', `the service ended too early: ${over}`)

const results = resultsOf(judge)
console.log(describeRun(judge, faults, activity))
console.log(`seed ${seed}: ${judge.violations.length} violations`)
if (reports !== undefined) writeJUnit(reports, 'chaos', results)
process.exitCode = judge.violations.length === 0 ? 0 : 1
