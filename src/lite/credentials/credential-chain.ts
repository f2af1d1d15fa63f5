import type { CompleteClock } from '../../core/time/clock.js'
import { untilAborted } from '../../core/time/until-aborted.js'
import { askContainer, containerUrl } from './container.js'
import { type Credentials, credentialsError, isSendable, unsendable } from './credentials.js'
import { expiringCredentials } from './expiring-credentials.js'

const useTheSdk =
  'For profiles, SSO, web identity and instance roles use the AWS SDK: the SecretCache of awscurrent, without a source.'

const unsetProfile = 'Unset AWS_PROFILE to use the keys in the environment, which the SDK ignores beside it.'

const keyVariables = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN']

/** The origin of credentials. */
export interface CredentialChain {
  /** Rejects with ERR_SECRET_CREDENTIALS if there are none. The signal ends this wait only; others may wait for the same response. */
  get(signal: AbortSignal): Promise<Credentials>
  /** Drops the credentials, whatever the clock of the machine says, because the service has rejected them as expired. */
  forget(): void
}

/** Credentials from the environment, or else from the endpoint of the container. The environment is read again for each request. */
export function credentialChain(clock: CompleteClock): CredentialChain {
  const container = expiringCredentials(clock, () => askContainer(clock))
  return {
    async get(signal) {
      const { env } = process
      // A profile has priority over keys, as in the SDK: if both are set, they may be of different accounts.
      const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken } = env
      const hasKeys = accessKeyId && secretAccessKey
      if (env.AWS_PROFILE) throw noCredentialsIn('AWS_PROFILE', hasKeys ? unsetProfile : useTheSdk)
      if (hasKeys) {
        const wrong = keyVariables.find(name => env[name] && !isSendable(env[name]))
        if (wrong !== undefined) throw unsendable(wrong)
        return { accessKeyId, secretAccessKey, sessionToken }
      }
      // The SDK uses web identity before the endpoint of the container.
      if (env.AWS_WEB_IDENTITY_TOKEN_FILE) throw noCredentialsIn('AWS_WEB_IDENTITY_TOKEN_FILE')
      if (containerUrl(env) === undefined) throw noCredentialsIn('The environment')
      return untilAborted(container.get(), signal)
    },
    forget: container.forget,
  }
}

function noCredentialsIn(name: string, hint = useTheSdk): Error {
  return credentialsError(`${name} provides no credentials to liteSource.`, hint)
}
