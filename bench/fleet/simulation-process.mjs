import { simulateFleet } from './simulate.mjs'

process.once('message', async scenario => {
  const startedAt = performance.now()
  const result = await simulateFleet(scenario)
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
  const cost = {
    seconds: (performance.now() - startedAt) / 1_000,
    cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
    memoryMiB: maxRSS / 1_024,
  }
  process.send({ ...result, cost }, () => process.disconnect())
})
