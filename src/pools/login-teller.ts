import type { Emitter } from '../core/events/emitter.js'
import type { ErrorKind } from './error-kind.js'
import type { Version } from './followed-logins.js'
import type { PoolEvent, WindowEvent } from './pool-events.js'
import { refusedReason } from './refused-reason.js'

/** Reports what happens to the logins that are followed. */
export interface LoginTeller<Login extends Version> {
  credentials(login: Login, how: { pending: boolean }): void
  window(login: Login, phase: WindowEvent['phase']): void
  refused(version: Version, error: unknown, how: { kind: ErrorKind; consequence: string }): void
}

/** Reports it with the events of a pool, which name the user. */
export function poolTeller<Login extends Version>(
  secretId: string | undefined,
  events: Emitter<PoolEvent>,
  userOf: (login: Login) => string,
): LoginTeller<Login> {
  const about = ({ versionId }: Version): { secretId: string | undefined; versionId: string } => ({ secretId, versionId })
  return {
    credentials(login, { pending }) {
      events.emit('credentials', () => ({ ...about(login), user: userOf(login), pending }))
    },
    window(login, phase) {
      events.emit('window', () => ({ ...about(login), phase }))
    },
    refused(version, error, how) {
      events.emit('refused', () => refusedReason(about(version), { error, ...how }))
    },
  }
}
