import { performance } from 'node:perf_hooks'
import { interleave, median, medianRatio, round, showFigure, showTable } from './report.mjs'

/** Times ways to read many values before traffic comes, and shows their calls. `byHand` names the way that ours is compared with. */
export async function showWarmup(title, service, ways, { ours, byHand }) {
  const calls = {}
  async function timed(what, way) {
    await service.resetCalls()
    const startedAt = performance.now()
    await way()
    const ms = performance.now() - startedAt
    calls[what] = await service.count()
    return ms
  }

  const timedWays = Object.fromEntries(Object.entries(ways).map(([what, way]) => [what, () => timed(what, way)]))
  // The first turns pay for connections and for compiling.
  await interleave(6, timedWays)
  const times = await interleave(30, timedWays)
  const rows = Object.entries(times).map(([what, ms]) => ({ what, calls: calls[what], 'ms, median': round(median(ms)) }))
  showTable(title, rows, { of: 'ms, median' })
  showFigure('calls', calls[ours], 10)
  showFigure('time over the batch calls by hand', medianRatio(times[ours], times[byHand]), 1.4, '×')
}
