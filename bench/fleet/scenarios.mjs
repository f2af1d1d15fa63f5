const minuteMs = 60_000

export const seed = 20_260_101
export const instances = 100_000
export const rotateAtMs = 20 * minuteMs
export const outage = { fromMs: 35 * minuteMs, toMs: 45 * minuteMs }
/** What docs/operating.md advises for so many instances: 0.3 ms for each. */
export const advisedSpreadMs = 30_000
export const spreadsMs = [0, 10_000, 20_000, advisedSpreadMs, 60_000]
/** A tenth of the instances, since each of them ages by itself. */
const fewer = 10_000
/** Fewer still, for they read up to ten times a second. */
const fewest = 5_000

/** An hour of a fleet: a start of all at once, a rotation, an outage. */
const hour = {
  seed,
  instances,
  durationMs: 60 * minuteMs,
  readEveryMs: 20_000,
  rotateAtMs,
  outages: [outage],
  events: true,
  cache: { refreshSpreadMs: advisedSpreadMs },
}

/** A start over a minute, a rotation while its caches are fresh, and a minute for the messages that come again. */
function rotationWith(spreadMs) {
  const rotation = { startOverMs: minuteMs, rotateAtMs: 2 * minuteMs, durationMs: 3.5 * minuteMs + spreadMs }
  return { seed, instances, events: true, cache: { refreshSpreadMs: spreadMs }, ...rotation }
}

/** An outage of ten minutes, for each way in which a service is out and each pace at which an instance reads. */
export const outages = [20_000, 1_000, 100].flatMap(readEveryMs =>
  [false, true].map(hangs => ({
    name: `outage, ${hangs ? 'hanging' : 'failing'}, a read every ${readEveryMs} ms`,
    seed,
    instances: fewest,
    readEveryMs,
    durationMs: 18 * minuteMs,
    outages: [{ fromMs: 6 * minuteMs, toMs: 16 * minuteMs, hangs }],
  })),
)

function warmupOf(secrets) {
  return { seed, instances: fewer, durationMs: 2 * minuteMs, secrets }
}

/** Everything that is simulated, the longest first. */
export const scenarios = {
  hour,
  byTtl: { seed, instances: fewer, startOverMs: 10 * minuteMs, durationMs: 27 * minuteMs, rotateAtMs },
  ...Object.fromEntries(outages.map(({ name, ...scenario }) => [name, scenario])),
  ...Object.fromEntries(spreadsMs.map(spreadMs => [`spread${spreadMs}`, rotationWith(spreadMs)])),
  fourSecrets: warmupOf(4),
  fiveSecrets: warmupOf(5),
}
