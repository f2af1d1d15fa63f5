import { peerFailure } from '../failures/peer.js'

/** The module of the AWS SDK. */
export type Sdk = typeof import('@aws-sdk/client-secrets-manager')

/** Loads the AWS SDK with its first use, or says which package to install. */
export async function loadSdk(): Promise<Sdk> {
  // Bundlers pass over a missing package only where its import stands in a try block.
  try {
    return await import('@aws-sdk/client-secrets-manager')
  } catch (error) {
    throw peerFailure('@aws-sdk/client-secrets-manager', error)
  }
}
