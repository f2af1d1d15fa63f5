import { peerFailure } from '../failures/peer.js'

/** The module of the AWS SDK. */
export type Sdk = typeof import('@aws-sdk/client-secrets-manager')

/** Why it could not be loaded. A bundle that failed half-way would later hand out what it has of it, and hide the reason. */
let broken: { readonly reason: unknown } | undefined

/** Loads the AWS SDK with its first use, or says which package to install. */
export async function loadSdk(): Promise<Sdk> {
  if (broken !== undefined) throw broken.reason
  // Bundlers pass over a missing package only where its import stands in a try block.
  try {
    return await import('@aws-sdk/client-secrets-manager')
  } catch (error) {
    broken = { reason: peerFailure('@aws-sdk/client-secrets-manager', error) }
    throw broken.reason
  }
}
