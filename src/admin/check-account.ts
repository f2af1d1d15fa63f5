import { accountOf } from '../core/entries/own-account.js'
import { accountRefusal } from '../core/loads/answer.js'
import { loadFailed } from '../core/loads/attempts.js'
import { accountIdOf, type ConfiguredClient } from '../core/loads/client-config.js'
import { sdkSource } from '../core/loads/sdk-source.js'
import type { SecretValue } from '../core/secrets/source.js'
import { KeepAlive } from '../core/time/keep-alive.js'
import { within } from '../core/time/within.js'
import { adminError } from './admin-error.js'
import type { Call } from './send.js'

const readTimeoutMs = 10_000

/** Rejects if the account of the secret is not allowed, before the call that changes it is sent. Undefined if all accounts are allowed. */
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

/** The account of a plain name is known from a read; for a secret that does not exist yet, only from earlier reads or the credentials. */
async function accountBehind({ access, secretId, operation, client, signal: given }: Call): Promise<string | undefined> {
  // Another client may use another account, about which the reads of the cache say nothing.
  const shown = client === undefined ? access.accountShown(secretId) : accountOf(secretId)
  if (shown !== undefined) return shown
  if (operation === 'CreateSecret') return client && accountIdOf(client as ConfiguredClient)
  const source = client === undefined ? access.source : sdkSource({ client })
  const get = (signal: AbortSignal): Promise<SecretValue> => source.get({ secretId, versionStage: 'AWSCURRENT' }, { signal })
  const read = await new KeepAlive().during(() => within(access.clock, readTimeoutMs, get, given))
  return accountOf(read.arn)
}
