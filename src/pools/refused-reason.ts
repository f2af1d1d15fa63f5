import { isSecretCacheError } from '../core/failures/errors.js'
import type { ErrorKind } from './error-kind.js'
import type { RefusedEvent } from './pool-events.js'

const words: Readonly<Record<ErrorKind, (what: string) => string>> = {
  refused: what => `The database rejects ${what}.`,
  locked: what => `The database has locked the account of ${what}.`,
  full: what => `${what} could not be tried: the server has no room for another connection.`,
  unreachable: what => `${what} could not be tried: the server was not reached.`,
  other: what => `${what} could not be tried.`,
}

/** What happens to a rejected version while there is no other. */
export const triedAgain = 'It is tried again after pauses of up to a minute, and as soon as there is another version.'

/** The fields of a `refused` event. A driver's message may contain the secret, so it is not included. */
export function refusedReason(
  { secretId, versionId }: { secretId: string | undefined; versionId: string },
  { error, kind, consequence }: { error: unknown; kind: ErrorKind; consequence: string },
): Pick<RefusedEvent, 'secretId' | 'versionId' | 'kind' | 'reason' | 'code'> {
  const what = secretId === undefined ? `the login ${versionId}` : `version ${versionId} of ${secretId}`
  const said = words[kind](what)
  const own = isSecretCacheError(error) ? ` ${error.message}` : ''
  return {
    secretId,
    versionId,
    kind,
    reason: `${said.charAt(0).toUpperCase()}${said.slice(1)}${own} ${consequence}`,
    code: codeOf(error),
  }
}

/** The code of an error, whatever it is. */
export function codeOf(error: unknown): string | undefined {
  try {
    const { code } = (error ?? {}) as { code?: unknown }
    return typeof code === 'string' ? code : undefined
  } catch {
    return undefined
  }
}
