import type { FollowerStatus } from '../pools/pool-status.js'
import type { ListenerStatus } from '../signals/listener-status.js'
import type { HealthReport, SecretHealth, UnknownStatus, Verdict } from './report.js'

interface Problem {
  readonly verdict: Exclude<Verdict, 'ok'>
  readonly reason: string
}

/** The verdict on what was found, and the sentence that says why. */
export function verdictOn({
  secrets,
  pools,
  listeners,
}: Omit<HealthReport, 'verdict' | 'reason'>): Pick<HealthReport, 'verdict' | 'reason'> {
  const found = [
    ...Object.values(secrets).map(problemOfSecret),
    ...Object.entries(pools).map(([name, status]) => problemOfPool(name, status)),
    ...Object.entries(listeners).map(([name, status]) => problemOfListener(name, status)),
  ]
  const problems = found.filter(problem => problem !== undefined)
  const worst = problems.find(({ verdict }) => verdict === 'failing') ?? problems[0]
  if (worst === undefined) return { verdict: 'ok', reason: 'All secrets can be served, and all logins work.' }
  const others = problems.length - 1
  const more = others === 0 ? '' : ` (${others} more ${others === 1 ? 'problem' : 'problems'})`
  return { verdict: worst.verdict, reason: worst.reason + more }
}

function problemOfSecret(secret: SecretHealth): Problem | undefined {
  const { secretId, required, state, lastFailure, servableUntil } = secret
  if (lastFailure === undefined && (state !== 'gone' || secret.versionId !== undefined)) return undefined
  const verdict = state === 'gone' && required ? 'failing' : 'degraded'
  if (lastFailure === undefined) return { verdict, reason: `${secretId}: not read yet.` }
  const { kind, cause, code, hint, at } = lastFailure
  const what = { denied: 'denied', transient: 'not available', wrong: 'cannot be read' }[kind]
  const until =
    servableUntil === undefined
      ? 'the last known value is served'
      : `the last known value is served until ${timeOf(servableUntil)}`
  const served = state === 'gone' ? 'nothing can be served' : until
  const name = cause === 'Error' ? code : cause
  return { verdict, reason: `${secretId}: ${what} at ${timeOf(at)} (${name}); ${served}.${hint === undefined ? '' : ` ${hint}`}` }
}

function problemOfPool(name: string, status: FollowerStatus | UnknownStatus): Problem | undefined {
  if (status.kind === 'unknown') return unknown(name, status)
  const { state, since, lastFailure, versionId, connections = [] } = status
  const code = lastFailure?.code === undefined ? '' : ` (${lastFailure.code})`
  switch (state) {
    case 'refused':
    case 'locked': {
      const open = connections.reduce((sum, { versionId: of, count }) => sum + (of === undefined ? 0 : count), 0)
      const rest = open === 0 ? 'no login works' : 'open connections work, new ones do not'
      const what = state === 'locked' ? 'its account is locked' : 'its login is rejected'
      return { verdict: open === 0 ? 'failing' : 'degraded', reason: `${name}: ${what} since ${timeOf(since)}${code}; ${rest}.` }
    }
    case 'full':
      return { verdict: 'degraded', reason: `${name}: the server has no room for a login since ${timeOf(since)}${code}.` }
    case 'unreachable':
      return { verdict: 'degraded', reason: `${name}: the server is not reached since ${timeOf(since)}${code}.` }
    case 'window':
      return { verdict: 'degraded', reason: `${name}: in a rotation window since ${timeOf(since)}.` }
    case 'moving': {
      const isNew = lastFailure !== undefined && lastFailure.versionId !== versionId && lastFailure.at >= since
      const reason = `${name}: version ${lastFailure?.versionId} does not work${code}; the one before is in use.`
      return isNew ? { verdict: 'degraded', reason } : undefined
    }
    default:
      return undefined
  }
}

function problemOfListener(name: string, status: ListenerStatus | UnknownStatus): Problem | undefined {
  if (status.kind === 'unknown') return unknown(name, status)
  if (status.state === 'listening') return undefined
  const { state, since, lastFailure } = status
  if (state === 'closed')
    return { verdict: 'degraded', reason: `${name}: closed since ${timeOf(since)}; rotations are not heard of.` }
  return {
    verdict: 'degraded',
    reason: `${name}: fails since ${timeOf(since)} (${lastFailure?.code}); rotations may be missed.`,
  }
}

function unknown(name: string, { state }: UnknownStatus): Problem | undefined {
  return state === 'unknown' ? { verdict: 'degraded', reason: `${name}: its status cannot be read.` } : undefined
}

function timeOf(at: number): string {
  return Number.isFinite(at) ? new Date(at).toISOString() : 'an unknown time'
}
