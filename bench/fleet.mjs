// 100,000 real caches for an hour on a manual clock, against a Secrets Manager with its quotas; months and other sizes by the closed model.
import { quotas, subscribesPerSecond } from './fleet/assumptions.mjs'
import { costChart, hourChart, spreadChart, stalenessChart } from './fleet/charts.mjs'
import {
  callsPerSecondAfterEvent,
  callsPerSecondInOutage,
  loadsPerMonth,
  meanCycleMs,
  monthlyCost,
  shortestStartMs,
  spreadFor,
} from './fleet/model.mjs'
import { simulateAll } from './fleet/run-apart.mjs'
import { advisedSpreadMs, instances, outage, outages, rotateAtMs, scenarios, seed, spreadsMs } from './fleet/scenarios.mjs'
import { strategyCosts } from './fleet/strategies.mjs'
import { round, showChart, showFigure, showTable } from './support/report.mjs'

const halfQuota = quotas.GetSecretValue / 2
const number = value => Math.round(value).toLocaleString('en')
const seconds = ms => (Number.isFinite(ms) ? `${round(ms / 1_000)} s` : 'none')

/** The highest second between two moments. */
function peak(perSecond, fromMs, toMs = Number.POSITIVE_INFINITY) {
  return Math.max(...perSecond.slice(fromMs / 1_000, toMs / 1_000))
}

const { hour: hourScenario, ...others } = scenarios
// By itself, so that its time and memory are its own.
const { hour } = await simulateAll({ hour: hourScenario })
const results = await simulateAll(others)
const { byTtl, fourSecrets, fiveSecrets } = results
const bySpread = spreadsMs.map(spreadMs => results[`spread${spreadMs}`])
const peakBySpread = bySpread.map(({ callsPerSecond }, n) => peak(callsPerSecond, 120_000, 130_000 + spreadsMs[n]))
const rolling = results[`spread${advisedSpreadMs}`]

const outagesSeen = outages.map(({ name, readEveryMs, instances: simulated, outages: [{ fromMs, toMs, hangs }] }) => {
  const { callsPerSecond, recoveredAfter, failedReadsAfterStart } = results[name]
  const scale = instances / simulated
  return {
    readEveryMs,
    hangs,
    failedReadsAfterStart,
    recoveredAfterMs: recoveredAfter.maxMs,
    peak: peak(callsPerSecond, fromMs, toMs) * scale,
    after: peak(callsPerSecond, toMs) * scale,
  }
})
const worstOf = name => Math.max(...outagesSeen.map(seen => seen[name]))

const peaks = {
  'start, all at once': peak(hour.callsPerSecond, 0, 30_000),
  'waves of the TTL': peak(hour.callsPerSecond, 120_000, rotateAtMs),
  'rotation, spread of 30 s': peak(hour.callsPerSecond, rotateAtMs, rotateAtMs + advisedSpreadMs + 10_000),
  'ten minutes of outage': peak(hour.callsPerSecond, outage.fromMs, outage.toMs),
  'after the outage': peak(hour.callsPerSecond, outage.toMs),
}
showTable('From the start to the first secret', [
  startRow('all at once', hour),
  startRow('over a minute', rolling),
  startRow('10,000 at once, four secrets each: singly', fourSecrets),
  startRow('10,000 at once, five secrets each: batches', fiveSecrets),
])
function startRow(start, { readyAfter: { p50Ms, p99Ms, maxMs }, failedFirstReads, throttled }) {
  return {
    start,
    p50: seconds(p50Ms),
    p99: seconds(p99Ms),
    max: seconds(maxMs),
    'failed reads': number(failedFirstReads),
    throttled: number(throttled),
  }
}

showTable('After a rotation: how long the old version is served, and the highest calls a second', [
  { 'told by': 'the TTL of 5 minutes', ...ages(byTtl), 'calls/s': '–', throttled: '–' },
  ...spreadsMs.map((spreadMs, n) => ({
    'told by': `an event, spread of ${spreadMs / 1_000} s`,
    ...ages(bySpread[n]),
    'calls/s': number(peakBySpread[n]),
    throttled: number(bySpread[n].throttled),
  })),
])
function ages({ staleFor: { p50Ms, p99Ms, maxMs } }) {
  return { p50: seconds(p50Ms), p99: seconds(p99Ms), max: seconds(maxMs) }
}

showTable('A month of one instance and one secret (10,000,000 reads, one rotation)', strategyCosts.map(costRow))
function costRow({ name, unnoticed, requests, dollars }) {
  const { secretsManager, sqs, sns, snsHttp, eventBridge } = requests
  return {
    strategy: name,
    'Secrets Manager': number(secretsManager),
    SQS: number(sqs),
    SNS: number(sns + snsHttp),
    EventBridge: number(eventBridge),
    $: round(dollars),
    'old version for': unnoticed,
  }
}

showTable(
  'Other sizes, by the model (TTL of 5 minutes, one secret)',
  [10, 100, 1_000, 10_000, 100_000, 1_000_000].map(size => ({
    instances: number(size),
    'calls/s by TTL': round((size * 1_000) / meanCycleMs()),
    'in an outage': round(callsPerSecondInOutage({ instances: size })),
    'shortest spread': seconds(spreadFor({ instances: size })),
    'shortest start': seconds(shortestStartMs({ instances: size })),
    'all subscribed after': seconds((size / subscribesPerSecond) * 1_000),
    '$ a month': monthlyCost({ loads: loadsPerMonth(), instances: size }).dollars.toFixed(2),
    'with queues': monthlyCost({ loads: loadsPerMonth(), instances: size, transport: 'queue' }).dollars.toFixed(2),
  })),
)

showTable(
  `${number(instances)} instances: the highest calls a second in an hour (quota ${number(quotas.GetSecretValue)}, seed ${seed})`,
  Object.entries(peaks).map(([when, calls]) => ({ when, 'calls/s': number(calls) })),
)

showTable(
  `Ten minutes of outage, ${number(instances)} instances (${number(outages[0].instances)} simulated)`,
  outagesSeen.map(({ readEveryMs, hangs, peak: highest, after, recoveredAfterMs }) => ({
    'the service': hangs ? 'hangs' : 'fails at once',
    'each reads every': seconds(readEveryMs),
    'highest calls/s': number(highest),
    'after it': number(after),
    'all have loaded after': seconds(recoveredAfterMs),
  })),
)

const { cost } = hour
console.log(
  `\nThe hour took ${round(cost.seconds)} s (${round(cost.cpuSeconds)} s of CPU) and ${round(cost.memoryMiB)} MiB: ${number(hour.calls)} loads, ${number(hour.reads)} reads.`,
)
showFigure('calls a second after the rotation, with a spread of 30 s', peaks['rotation, spread of 30 s'], halfQuota)
showFigure('calls a second after the outage', peaks['after the outage'], halfQuota)
showFigure('until all instances have loaded after the outage', round(hour.recoveredAfter.maxMs / 1_000), 85, ' s')
showFigure('calls a second in an outage, at any pace of reads, failing or hanging: the highest', worstOf('peak'), halfQuota)
showFigure('until all have loaded after such an outage', round(worstOf('recoveredAfterMs') / 1_000), 85, ' s')
showFigure('reads that failed after the start, outage and all', hour.failedReadsAfterStart + worstOf('failedReadsAfterStart'), 0)
showFigure(
  'what the simulation makes in calls after a rotation over the model',
  peakBySpread.at(-1) / callsPerSecondAfterEvent({ instances, spreadMs: spreadsMs.at(-1) }),
  1.15,
  '×',
)
showFigure('CPU time of the hour of real caches', cost.cpuSeconds, 300, ' s')
showFigure('its memory', cost.memoryMiB / 1_024, 6, ' GiB')

showChart('hour', hourChart(hour))
showChart('spread', spreadChart(peakBySpread))
showChart('staleness', stalenessChart({ byTtl: byTtl.staleFor, bySpread: bySpread.map(({ staleFor }) => staleFor) }))
showChart('cost', costChart())
