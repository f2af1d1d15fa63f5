import { quotas } from './assumptions.mjs'
import { callsPerSecondAfterEvent } from './model.mjs'
import { advisedSpreadMs, instances, outage, rotateAtMs, spreadsMs } from './scenarios.mjs'
import { strategyCosts } from './strategies.mjs'

const minuteMs = 60_000
const fleet = `${instances.toLocaleString('en')} instances`
const chartedSpreadsMs = [0, 10_000, advisedSpreadMs]
const halfQuota = quotas.GetSecretValue / 2
const quotaLines = [
  { name: 'quota', y: quotas.GetSecretValue },
  { name: 'half of it', y: halfQuota },
]

/** The highest second of every ten, by the minute; a gap where there was none, because a logarithm has no place for 0. */
function peaks(perSecond) {
  return Array.from({ length: Math.floor(perSecond.length / 10) }, (_, n) => [
    n / 6,
    Math.max(...perSecond.slice(n * 10, n * 10 + 10)) || null,
  ])
}

export function hourChart({ callsPerSecond, throttledPerSecond, failedPerSecond }) {
  const rotatedAt = rotateAtMs / minuteMs
  return {
    title: `An hour of ${fleet}: calls a second to Secrets Manager`,
    note: 'Real caches on a manual clock: the highest second of every ten. TTL of 5 minutes, refreshSpreadMs of 30 s.',
    x: { name: 'minutes', min: 0, max: 60 },
    y: { name: 'calls a second', log: true, min: 1, max: 1_000_000 },
    series: [
      { name: 'calls', points: peaks(callsPerSecond) },
      { name: 'throttled', points: peaks(throttledPerSecond) },
      { name: 'failed in the outage', points: peaks(failedPerSecond) },
    ],
    limits: quotaLines,
    spans: [
      { name: 'rotation', from: rotatedAt, to: rotatedAt + 0.6 },
      { name: 'outage', from: outage.fromMs / minuteMs, to: outage.toMs / minuteMs },
    ],
  }
}

export function spreadChart(peakBySpread) {
  const spreads = Array.from({ length: 119 }, (_, n) => 1 + n / 2)
  return {
    title: `${fleet} hear of a rotation: the highest calls a second`,
    note: 'Dots: real caches. Line: N / refreshSpreadMs, and the calls by the TTL of 5 minutes.',
    x: { name: 'refreshSpreadMs, in seconds', min: 0, max: 60 },
    y: { name: 'calls a second', log: true, min: 1_000 },
    series: [
      {
        name: 'model',
        points: spreads.map(seconds => [seconds, callsPerSecondAfterEvent({ instances, spreadMs: seconds * 1_000 })]),
        dashed: true,
      },
      { name: 'simulation', points: spreadsMs.map((spreadMs, n) => [spreadMs / 1_000, peakBySpread[n]]), dots: true },
    ],
    limits: quotaLines,
  }
}

function agesOf({ percentilesMs }) {
  return percentilesMs.map((ms, percent) => [Math.max(0.1, ms / 1_000), 100 - percent])
}

export function stalenessChart({ byTtl, bySpread }) {
  return {
    title: 'How much of a fleet still has the old version after a rotation',
    note: `By TTL 10,000 instances, by events ${fleet}. Without a spread most refreshes are throttled.`,
    x: { name: 'seconds after the rotation', log: true, min: 0.1, max: 1_000 },
    y: { name: '% of the instances', min: 0, max: 100 },
    series: [
      { name: 'TTL of 5 minutes', points: agesOf(byTtl) },
      ...spreadsMs.flatMap((spreadMs, n) =>
        chartedSpreadsMs.includes(spreadMs)
          ? { name: `event, spread of ${spreadMs / 1_000} s`, points: agesOf(bySpread[n]) }
          : [],
      ),
    ],
  }
}

export function costChart() {
  return {
    title: 'Dollars a month for one instance and one secret',
    note: 'Ten million reads, one rotation; Secrets Manager, SQS, SNS and EventBridge together, without free tiers.',
    x: { name: 'dollars a month', log: true, min: 0.001, max: 100 },
    bars: strategyCosts.map(({ name, dollars }) => ({ name, value: dollars, label: `$${dollars.toPrecision(2)}` })),
  }
}
