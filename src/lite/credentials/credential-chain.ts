import type { CompleteClock } from '../../core/time/clock.js'
import { untilAborted } from '../../core/time/until-aborted.js'
import { askContainer, containerUrl } from './container.js'
import { type Credentials, credentialsError } from './credentials.js'
import { expiringCredentials } from './expiring-credentials.js'

const useTheSdk =
  'For profiles, SSO, web identity and instance roles use the AWS SDK: the SecretCache of awscurrent, without a source.'

/** Where credentials come from. */
export interface CredentialChain {
  /** Rejects with a coded error if there are none. The signal ends the waiting; others may wait for the same answer. */
  get(signal: AbortSignal): Promise<Credentials>
  /** Gets new ones with the next request, whatever the machine's clock says: the service takes those it was sent for expired. */
  forget(): void
}

/** Credentials from the environment, else from the container's endpoint. What the environment says is read anew for every request. */
export function credentialChain(clock: CompleteClock): CredentialChain {
  const container = expiringCredentials(clock, () => askContainer(clock))
  return {
    async get(signal) {
      const { env } = process
      // As for the SDK, a profile goes before keys: with both set, they may be of different accounts.
      if (env.AWS_PROFILE) throw credentialsError('AWS_PROFILE gives liteSource no credentials.', profileHint(env))
      const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken } = env
      if (accessKeyId && secretAccessKey) return { accessKeyId, secretAccessKey, sessionToken }
      // The SDK follows it before it asks the container.
      const isWebIdentity = Boolean(env.AWS_WEB_IDENTITY_TOKEN_FILE)
      if (isWebIdentity || containerUrl(env) === undefined) {
        const name = isWebIdentity ? 'AWS_WEB_IDENTITY_TOKEN_FILE' : 'The environment'
        throw credentialsError(`${name} gives liteSource no credentials.`, useTheSdk)
      }
      return untilAborted(container.get(), signal)
    },
    forget: container.forget,
  }
}

function profileHint({ AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey }: NodeJS.ProcessEnv): string {
  if (!(accessKeyId && secretAccessKey)) return useTheSdk
  return 'Unset AWS_PROFILE to use the keys in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, which the AWS SDK leaves alone while it is set.'
}
