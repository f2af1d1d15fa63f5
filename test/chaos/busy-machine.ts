import { monotonicMs } from './monotonic.js'

const everyMs = 50
const lateMs = 250

/** Tells of each time at which this process came late to its turn, and for how much of it the process itself was at work. */
export function watchForDelays(onDelay: (from: number, to: number, workedMs: number) => void): { stop(): void } {
  let lastAt = monotonicMs()
  let lastUsage = process.cpuUsage()
  const timer = setInterval(() => {
    const now = monotonicMs()
    const { user, system } = process.cpuUsage(lastUsage)
    if (now - lastAt > lateMs) onDelay(lastAt, now, (user + system) / 1_000)
    lastAt = now
    lastUsage = process.cpuUsage()
  }, everyMs)
  return { stop: () => clearInterval(timer) }
}
