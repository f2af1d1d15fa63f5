import type { OutgoingHttpHeaders } from 'node:http'
import type { Credentials as AwsCredentials } from 'aws4'
import { peerFailure } from '../core/failures/peer.js'
import type { Credentials } from './credentials/credentials.js'
import type { LiteService, Target } from './target.js'

/** A call of the service, before it is signed. */
export interface Call {
  readonly operation: string
  /** The input as JSON. */
  readonly body: string
}

/** Creates the headers of a call at `time`, signed with Signature Version 4. */
export type Signer = (call: Call, target: Target, credentials: Credentials, time: Date) => OutgoingHttpHeaders

/** Loads the signer; rejects with an error that names the package to install. */
export async function loadSigner({ name, api }: LiteService): Promise<Signer> {
  try {
    const { default: aws4 } = await import('aws4')
    return ({ operation, body }, { url, region }, credentials, time) => {
      const headers = {
        Host: url.host,
        'Content-Type': 'application/x-amz-json-1.1',
        'User-Agent': 'awscurrent',
        'X-Amz-Date': time.toISOString().replace(/[-:]|\.\d+/g, ''),
        'X-Amz-Target': `${api}.${operation}`,
      }
      const request = { method: 'POST', path: url.pathname, service: name, region, headers, body }
      return aws4.sign(request, credentials as AwsCredentials).headers as OutgoingHttpHeaders
    }
  } catch (error) {
    throw peerFailure('aws4', error)
  }
}
