import { type CompleteClock, completeClock } from '../core/time/clock.js'
import type { Followed } from './follow-options.js'
import type { FollowedLogins, Version } from './followed-logins.js'
import { FollowedSecret, type Reading } from './followed-secret.js'
import { FollowedSource, type SourceReading } from './followed-source.js'

/** How the logins of either origin are read. */
export interface Readings<Login extends Version> {
  ofSecret(secretId: string): Reading<Login>
  readonly ofSource: SourceReading<Login>
}

/** The logins that are followed, whichever origin the options name. */
export function followedBy<Login extends Version>(
  options: Followed & { readonly tryPending: boolean },
  { ofSecret, ofSource }: Readings<Login>,
): FollowedLogins<Login> {
  return options.credentials === undefined
    ? new FollowedSecret(options, ofSecret(options.secretId))
    : new FollowedSource(options.credentials, ofSource)
}

export function clockOf({ cache, credentials }: Followed): CompleteClock {
  return credentials === undefined ? cache.clock : completeClock(credentials.clock)
}
