import { countByCode } from './failure.js'
import type { Scenario } from './scenarios.js'
import type { RotationReport } from './sitting.js'
import type { ExamResult } from './take-exam.js'

/** How long a read of an expired secret may wait before the cache hands out what it has. */
const staleWaitMs = 500

/** Over how long a pool spreads the end of its idle connections, once it has moved. */
const retireSpreadMs = 500

/** How many logins of a pool may be refused in a rotation: databases lock accounts after as few as four. */
const mostRefused = 3

/** What takes longer has hung, on a machine as busy as it may be. */
const longestMs = 15_000

/** How long after a rotation every released connection must have the new credentials. */
export function msToMove({ announced, strategy, ttlMs = 300_000 }: Scenario): number {
  // Nothing but the TTL tells that AWSCURRENT has moved to another user: the old one still logs in.
  return !announced && strategy === 'alternating-users' ? ttlMs + staleWaitMs + retireSpreadMs : 5_000
}

/** How often a rotation may have the secret read. */
function mostCalls(
  { announced, pendingDenied, tryPending, windowMs, ttlMs }: Scenario,
  { refused, windowMs: lastedMs, tookMs }: RotationReport,
): number {
  if (announced && refused === 0) return 1
  if (ttlMs !== undefined) return 2 + Math.floor(tookMs / ttlMs)
  // A busy machine makes a window longer. The event of a rotation has the secret read beside the last look, if that was a moment before.
  return pendingDenied || !tryPending ? 2 + (windowMs > 0 ? looksWithin(lastedMs) : 0) + (announced ? 1 : 0) : 3
}

/** Where an exam falls short of its goals; empty if it is passed. */
export function shortcomings(result: ExamResult): string[] {
  const { scenario, answered, failures, cutTransactions, longest, isLocked, rotations } = result
  const short: string[] = []
  if (answered === 0) short.push('nothing was answered')
  if (failures.length > 0) short.push(`${failures.length} failed: ${countByCode(failures)}`)
  if (cutTransactions > 0) short.push(`${cutTransactions} transactions cut`)
  if (longest !== undefined && longest.tookMs > longestMs)
    short.push(`a ${longest.what} of "${longest.phase}" was answered after ${longest.tookMs} ms`)
  if (isLocked) short.push('the account is locked')
  for (const [turn, report] of rotations.entries()) {
    const { calls, refused, movedAfterMs, lateConnections } = report
    if (movedAfterMs === undefined)
      short.push(`rotation ${turn + 1}: not over after ${msToMove(scenario)} ms, ${lateConnections} connections late`)
    const most = mostCalls(scenario, report)
    if (calls > most) short.push(`rotation ${turn + 1}: ${calls} calls, at most ${most} wanted`)
    if (refused > mostRefused) short.push(`rotation ${turn + 1}: ${refused} refused logins, at most ${mostRefused} wanted`)
  }
  return short
}

/** How often one looks for the new version, with pauses that grow by half from a quarter of a second, until a window is over. */
function looksWithin(windowMs: number): number {
  let looks = 0
  for (let passedMs = 0, pauseMs = 250; passedMs < windowMs; passedMs += pauseMs, pauseMs *= 1.5) looks += 1
  return looks
}
