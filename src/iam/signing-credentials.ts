import { SecretCacheError } from '../core/failures/errors.js'
import { loadPeer } from '../core/failures/peer.js'
import type { CompleteClock } from '../core/time/clock.js'

/** The credentials that sign a token. */
export interface AwsCredentials {
  /** The id of the access key. */
  readonly accessKeyId: string
  /** The key itself. */
  readonly secretAccessKey: string
  /** The token of temporary credentials. */
  readonly sessionToken?: string
  /** When they end; undefined for the keys of an IAM user. */
  readonly expiration?: Date
}

/** Credentials, or a provider of the AWS SDK v3, such as `fromTemporaryCredentials()`. */
export type AwsCredentialsInput = AwsCredentials | ((options?: { forceRefresh?: boolean }) => Promise<AwsCredentials>)

/** Credentials that end within this time are asked for again: a token ends with those that have signed it. */
const renewBeforeMs = 60_000

/** Loaded once for all sources, so that they share its credentials. */
let providerOfMachine: Promise<Exclude<AwsCredentialsInput, AwsCredentials>> | undefined

/** Gets the credentials for one token: with one call of the provider, which keeps them itself, or with two if they end in a moment. */
export async function signingCredentials(
  given: AwsCredentialsInput | undefined,
  clock: CompleteClock,
  { forceRefresh }: { forceRefresh: boolean },
): Promise<AwsCredentials> {
  const provide = typeof given === 'function' ? given : given === undefined ? await chainOfMachine() : async () => given
  const credentials = checked(await provide({ forceRefresh }))
  if (msLeft(credentials, clock) > renewBeforeMs || forceRefresh) return unended(credentials, clock)
  return unended(checked(await provide({ forceRefresh: true })), clock)
}

/** The chain that the clients of the AWS SDK use too. */
function chainOfMachine(): Promise<Exclude<AwsCredentialsInput, AwsCredentials>> {
  providerOfMachine ??= loadPeer('@aws-sdk/credential-provider-node', async () => {
    const { defaultProvider } = await import('@aws-sdk/credential-provider-node')
    return defaultProvider()
  }).catch(error => {
    providerOfMachine = undefined
    throw error
  })
  return providerOfMachine
}

function msLeft({ expiration }: AwsCredentials, clock: CompleteClock): number {
  return expiration === undefined ? Number.POSITIVE_INFINITY : expiration.getTime() - clock.now()
}

function checked(credentials: AwsCredentials): AwsCredentials {
  const { accessKeyId, secretAccessKey, expiration } = credentials ?? {}
  const isUsable = [accessKeyId, secretAccessKey].every(key => typeof key === 'string' && key !== '')
  if (isUsable && (expiration === undefined || expiration instanceof Date)) return credentials
  throw new SecretCacheError({
    code: 'ERR_SECRET_CREDENTIALS',
    message: 'What the provider of AWS credentials returned is none.',
    hint: 'It must be { accessKeyId, secretAccessKey, sessionToken?, expiration? }, with expiration as a Date.',
  })
}

/** The SDK signs with credentials that have ended, too, and only the database would notice. */
function unended(credentials: AwsCredentials, clock: CompleteClock): AwsCredentials {
  if (msLeft(credentials, clock) > 0) return credentials
  throw new SecretCacheError({
    code: 'ERR_SECRET_CREDENTIALS',
    message: 'The AWS credentials that would sign the login have ended.',
    hint: 'Is the clock of this machine right? Pass a provider instead of credentials, so that they are renewed.',
  })
}
