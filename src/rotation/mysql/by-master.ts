import { isSecretCacheError } from '../../core/failures/errors.js'
import type { AsMaster, OwnPasswordChange } from '../database/database.js'
import { ofAnother } from './current-account.js'
import { isDenial } from './denials.js'
import { parseAccount } from './dialect.js'

/**
 * Uses the master for work that the user may not do. Returns the reason if nobody may do it: the secret names no master, the function may
 * not read the master's secret, the master lacks the privilege too, or the login leads to somebody else's account: an anonymous one, or that
 * of a proxied user. Any other failure may be transient, and rejects: the step is
 * repeated.
 */
export async function byMaster(
  { asMaster, username }: Pick<OwnPasswordChange, 'asMaster' | 'username'>,
  work: Parameters<AsMaster>[0],
): Promise<string | undefined> {
  if (asMaster === undefined) return 'the secret names no master (masterarn)'
  let reason: string | undefined
  try {
    await asMaster(async (master, account) => {
      if (parseAccount(account).user !== username) {
        reason = ofAnother
        return
      }
      try {
        await work(master, account)
      } catch (error) {
        if (!isDenial(error)) throw error
        reason = 'the master that its secret names lacks it, too'
      }
    })
  } catch (error) {
    if (isSecretCacheError(error) && isDeniedByIam(error.cause)) return `the master could not be used: ${error.message}`
    throw error
  }
  return reason
}

function isDeniedByIam(cause: unknown): boolean {
  return (cause as { name?: unknown } | undefined)?.name === 'AccessDeniedException'
}
