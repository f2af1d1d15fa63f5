import { loadsPerMonth, monthlyCost } from './model.mjs'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

function ownLoads(ttlMs) {
  return loadsPerMonth({ ttlMs })
}

/** What an instance may do about one secret that is read ten million times a month and rotates once. */
const strategies = [
  { name: 'call at every request', loads: 10_000_000, unnoticed: 'never' },
  { name: 'TTL of 5 minutes, without jitter', loads: 8_640, unnoticed: '5 min' },
  // DescribeSecret with each draw from 30 to 60 minutes, two calls at first and one for the new version.
  { name: "AWS's caching clients, 1 hour", loads: (30 * dayMs) / (0.75 * hourMs) + 2, unnoticed: '1 h' },
  { name: 'awscurrent as it comes, 5 minutes', loads: ownLoads(5 * minuteMs), unnoticed: '5 min' },
  { name: 'awscurrent, ttlMs of 1 hour', loads: ownLoads(hourMs), unnoticed: '1 h' },
  { name: 'awscurrent, 5 minutes and a queue', loads: ownLoads(5 * minuteMs), transport: 'queue', unnoticed: 'spread + 1 s' },
  { name: 'awscurrent, 1 hour and a queue', loads: ownLoads(hourMs), transport: 'queue', unnoticed: 'spread + 1 s' },
  { name: 'awscurrent, endless TTL and a queue', loads: 1, transport: 'queue', unnoticed: 'spread + 1 s' },
  { name: 'awscurrent, 1 hour and SNS over HTTP', loads: ownLoads(hourMs), transport: 'http', unnoticed: 'spread + 1 s' },
]

/** The strategies with what each costs. */
export const strategyCosts = strategies.map(({ name, loads, transport, unnoticed }) => ({
  name,
  unnoticed,
  ...monthlyCost({ loads, transport }),
}))
