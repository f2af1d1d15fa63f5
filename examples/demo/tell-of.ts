import type { SecretCache } from 'awscurrent'
import type { FollowingPool } from 'awscurrent/pg'

/** Tells in words what our pool and its cache report. */
export function tellOf(
  pool: FollowingPool,
  secrets: SecretCache,
  versionName: (versionId: string) => string,
  tell: (what: string) => void,
): void {
  pool.on('credentials', ({ versionId, user, pending }) => {
    tell(`awscurrent logs in with ${versionName(versionId)} as ${user}${pending ? ', which is still AWSPENDING' : ''}`)
  })
  pool.on('window', ({ versionId, phase }) => {
    if (phase === 'opened') tell(`the database rejects ${versionName(versionId)}; awscurrent waits for a version that works`)
  })
  // Once for each outage: every attempt fails.
  let isStale = false
  secrets.on('stale', ({ versionId, cause }) => {
    if (!isStale) tell(`awscurrent cannot read the secret (${reasonOf(cause)}), and serves ${versionName(versionId)} on`)
    isStale = true
  })
  secrets.on('loaded', () => {
    if (isStale) tell('awscurrent can read the secret again')
    isStale = false
  })
}

/** The name of the failure of AWS, or of ours around it. */
function reasonOf(error: unknown): string {
  const { cause, name } = error as Error
  return cause instanceof Error ? reasonOf(cause) : name
}
