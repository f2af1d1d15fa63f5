import { peerFailure } from '../failures/peer.js'

/** The module of the AWS SDK. */
export type Sdk = typeof import('@aws-sdk/client-secrets-manager')

/** Why it could not be loaded. In a bundle, a second import after a failure would return a half-loaded module and hide the reason. */
let broken: { readonly reason: unknown } | undefined

/** Loads the AWS SDK with its first use; rejects with an error that names the package to install. */
export async function loadSdk(): Promise<Sdk> {
  if (broken !== undefined) throw broken.reason
  // Bundlers tolerate a missing package only if its import is in a try block.
  try {
    return await import('@aws-sdk/client-secrets-manager')
  } catch (error) {
    broken = { reason: peerFailure('@aws-sdk/client-secrets-manager', error) }
    throw broken.reason
  }
}
