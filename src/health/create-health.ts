import { statusOf } from '../core/events/status.js'
import { type HealthHandlers, handlersOf } from './handlers.js'
import { checkHealthOptions, type HealthOptions } from './health-options.js'
import type { HealthReport, SecretHealth, UnknownStatus } from './report.js'
import { SecretsHealth } from './secrets-health.js'
import { verdictOn } from './verdict.js'

/** What `createHealth` returns. */
export interface Health extends HealthHandlers {
  /**
   * Resolves with the verdict and with what an operator asks next. Never rejects. It reads required secrets that are due to be read again,
   * as any reader does, and waits less than a second for them.
   */
  check(): Promise<HealthReport>
}

/**
 * Tells whether what follows secrets is well, and why not: for the probes of an orchestrator, and for the operator who asks next.
 *
 * The verdict is `failing` while a required secret has nothing to serve or a pool has no login that works, and `degraded` while something
 * fails that is not missed yet. A report contains names, ids, codes and times, and never the value of a secret. Wrong options throw a
 * `TypeError`.
 *
 * @example
 * import http from 'node:http'
 * const health = createHealth({ caches: { main: secrets }, required: ['prod/db'] })
 * http.createServer(health.handler).listen(8081)
 * const { verdict, reason } = await health.check()
 */
export function createHealth(options: HealthOptions): Health {
  checkHealthOptions(options)
  const { caches = {}, pools = {}, swaps = {}, listeners = {}, required } = options
  const parts = Object.entries(caches).map(([name, cache]) => new SecretsHealth(name, cache, required))
  const followers = { ...pools, ...swaps }

  async function check(): Promise<HealthReport> {
    const unread = (required ?? []).filter(id => !parts.some(part => part.knows(id)))
    await Promise.all(parts.map((part, index) => part.read(index === 0 ? unread : [])))
    const found = {
      secrets: byId(parts.flatMap(part => part.report())),
      pools: statuses(followers) as HealthReport['pools'],
      listeners: statuses(listeners) as HealthReport['listeners'],
    }
    const missing = (required ?? []).filter(id => !parts.some(part => part.knows(id)))
    const secrets = { ...found.secrets, ...byId(missing.map(unreadSecret)) }
    return { ...verdictOn({ ...found, secrets }), ...found, secrets }
  }

  return { check, ...handlersOf(check) }
}

/** A required secret of which no load has ended. */
function unreadSecret(secretId: string): SecretHealth {
  return {
    cache: '',
    secretId,
    required: true,
    state: 'gone',
    versionId: undefined,
    ageMs: undefined,
    servableUntil: undefined,
    lastFailure: undefined,
    lastEvent: undefined,
  }
}

/** Two caches may hold secrets of the same name, of two accounts. */
function byId(secrets: readonly SecretHealth[]): Record<string, SecretHealth> {
  const found = new Map<string, SecretHealth>()
  for (const secret of secrets) {
    const { secretId, cache } = secret
    found.set(found.has(secretId) ? `${secretId} (${cache})` : secretId, secret)
  }
  return Object.fromEntries(found)
}

function statuses(objects: Readonly<Record<string, object>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(objects).map(([name, object]) => [name, readStatus(object)]))
}

/** A pool whose getter throws must not hide the state of the others. */
function readStatus(object: object): unknown {
  const withState = (state: UnknownStatus['state']): UnknownStatus => ({ kind: 'unknown', state })
  try {
    return statusOf(object) ?? withState('unproven')
  } catch {
    return withState('unknown')
  }
}
