/** A function that answers numbers from [0, 1), always the same ones for a seed. */
export function seededRandom(seed) {
  let state = seed >>> 0
  return () => {
    // Steps by the golden ratio, so that every state comes once, and mixes the bits as MurmurHash3 ends.
    state = (state + 0x9e3779b9) >>> 0
    let mixed = Math.imul(state ^ (state >>> 16), 0x85ebca6b)
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32
  }
}

/** The 99th percentile of the standard normal distribution. */
const normalP99 = 2.326

/** Draws a duration that is most often near its median and seldom long, as those of networks are. */
export function drawDuration(random, { medianMs, p99Ms }) {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  return medianMs * Math.exp((normal * Math.log(p99Ms / medianMs)) / normalP99)
}

/** Draws a duration of which most are short, with this mean. */
export function drawLag(random, meanMs) {
  return -meanMs * Math.log(1 - random())
}

/** Runs a simulation with `random` in the place of Math.random, by which the cache draws its jitter, and without stack traces, which cost most of a failed call. */
export async function withRandom(random, run) {
  const { random: originalRandom } = Math
  const { stackTraceLimit } = Error
  Math.random = random
  Error.stackTraceLimit = 0
  try {
    return await run()
  } finally {
    Math.random = originalRandom
    Error.stackTraceLimit = stackTraceLimit
  }
}
