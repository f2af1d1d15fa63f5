import { accountOf } from '../core/entries/own-account.js'
import { accountRefusal } from '../core/loads/answer.js'
import { loadFailed } from '../core/loads/attempts.js'
import { accountIdOf, type ConfiguredClient } from '../core/loads/client-config.js'
import { sdkSource } from '../core/loads/sdk-source.js'
import type { SecretValue } from '../core/secrets/source.js'
import { KeepAlive } from '../core/time/keep-alive.js'
import { within } from '../signals/within.js'
import { adminError } from './admin-error.js'
import type { Call } from './send.js'

const readTimeoutMs = 10_000

/** Rejects, before anything is sent that changes a secret, if its account is not allowed. Undefined if all are. */
export function checkAccount(call: Call): Promise<void> | undefined {
  const { allowedAccounts } = call.access
  return allowedAccounts && check(call, allowedAccounts)
}

async function check(call: Call, allowedAccounts: ReadonlySet<string>): Promise<void> {
  const { secretId, operation } = call
  try {
    const account = await accountBehind(call)
    const refusal = account === undefined ? undefined : accountRefusal(account, allowedAccounts)
    if (refusal !== undefined) throw refusal
  } catch (thrown) {
    call.signal?.throwIfAborted()
    throw adminError(loadFailed(thrown).failure, { secretId, operation, fate: 'never sent' })
  }
}

/** Whose a plain name is, a read tells; that of a secret which is yet to be made, only what was read before, and the credentials. */
async function accountBehind({ access, secretId, operation, client, signal: given }: Call): Promise<string | undefined> {
  // Another client may be of another account: what the cache has read says nothing of that.
  const shown = client === undefined ? access.accountShown(secretId) : accountOf(secretId)
  if (shown !== undefined) return shown
  if (operation === 'CreateSecret') return client && accountIdOf(client as ConfiguredClient)
  const source = client === undefined ? access.source : sdkSource({ client })
  const get = (signal: AbortSignal): Promise<SecretValue> => source.get({ secretId, versionStage: 'AWSCURRENT' }, { signal })
  const read = await new KeepAlive().during(() => within(access.clock, readTimeoutMs, get, given))
  return accountOf(read.arn)
}
