import { loadPeer } from './peer.js'

/** The module of the AWS SDK. */
export type Sdk = typeof import('@aws-sdk/client-secrets-manager')

/** Loads the AWS SDK with its first use, or says which package to install. */
export function loadSdk(): Promise<Sdk> {
  return loadPeer('@aws-sdk/client-secrets-manager', () => import('@aws-sdk/client-secrets-manager'))
}
