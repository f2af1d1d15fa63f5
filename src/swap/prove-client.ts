import type { CompleteClock } from '../core/time/clock.js'
import { untilAborted } from '../core/time/until-aborted.js'
import type { Given } from './reading.js'
import type { CheckedSwapOptions } from './swap-options.js'

/** A client that never responds must not keep the swap from following the secret. */
const proofTimeoutMs = 30_000

/** A client that has proven that it works, or the error of its driver. */
type Proof<Client> = { readonly client: Client } | { readonly error: unknown }

/** Creates a client from a version and verifies it. A client that does not work is ended. */
export async function proveClient<Client>(
  { create, verify, drain }: Pick<CheckedSwapOptions<Client>, 'create' | 'verify' | 'drain'>,
  clock: CompleteClock,
  version: Given,
): Promise<Proof<Client>> {
  const late = new AbortController()
  const cancel = clock.setTimeout(
    () => late.abort(new Error(`A new client did not respond within ${proofTimeoutMs} ms.`)),
    proofTimeoutMs,
  )
  const made = (async () => create(version.from))()
  try {
    const client = await untilAborted(made, late.signal)
    await untilAborted((async () => verify(client))(), late.signal)
    return { client }
  } catch (error) {
    // This also ends a client that is created too late. Errors of a client that never worked carry no further information.
    made.then(client => drain(client)).catch(() => {})
    return { error: error ?? new Error('A new client was rejected without a reason.') }
  } finally {
    cancel()
  }
}
