import type { Secret } from '../core/secrets/secret.js'
import type { CompleteClock } from '../core/time/clock.js'
import { untilAborted } from '../core/time/until-aborted.js'
import type { CheckedSwapOptions } from './swap-options.js'

/** A client that never answers must not keep the swap from following the secret. */
const proofTimeoutMs = 30_000

/** A client that has proven that it works, or what its driver says. */
type Proof<Client> = { readonly client: Client } | { readonly error: unknown }

/** Makes a client from a version of the secret and has it prove itself; one that does not work is ended. */
export async function proveClient<Client>(
  { create, verify, drain }: Pick<CheckedSwapOptions<Client>, 'create' | 'verify' | 'drain'>,
  clock: CompleteClock,
  secret: Secret,
): Promise<Proof<Client>> {
  const late = new AbortController()
  const cancel = clock.setTimeout(
    () => late.abort(new Error(`A new client did not respond within ${proofTimeoutMs} ms.`)),
    proofTimeoutMs,
  )
  const made = (async () => create(secret))()
  try {
    const client = await untilAborted(made, late.signal)
    await untilAborted((async () => verify(client))(), late.signal)
    return { client }
  } catch (error) {
    // Also one that is made after all, too late. What goes wrong with a client that never worked tells nothing more.
    made.then(client => drain(client)).catch(() => {})
    return { error: error ?? new Error('A new client was rejected without a reason.') }
  } finally {
    cancel()
  }
}
