import { isSecretCacheError } from '../../core/failures/errors.js'
import type { AsMaster } from '../database/database.js'
import { isDenial } from './denials.js'

/**
 * Uses the master for work that the user may not do. Returns the reason if nobody may do it: the secret names no master, the function may
 * not read the master's secret, or the master lacks the privilege too. Any other failure may be transient, and rejects: the step is
 * repeated.
 */
export async function byMaster(asMaster: AsMaster | undefined, work: Parameters<AsMaster>[0]): Promise<string | undefined> {
  if (asMaster === undefined) return 'the secret names no master (masterarn)'
  let isDenied = false
  try {
    await asMaster(async (master, account) => {
      try {
        await work(master, account)
      } catch (error) {
        if (!isDenial(error)) throw error
        isDenied = true
      }
    })
  } catch (error) {
    if (isSecretCacheError(error) && isDeniedByIam(error.cause)) return `the master could not be used: ${error.message}`
    throw error
  }
  return isDenied ? 'the master that its secret names lacks it, too' : undefined
}

function isDeniedByIam(cause: unknown): boolean {
  return (cause as { name?: unknown } | undefined)?.name === 'AccessDeniedException'
}
