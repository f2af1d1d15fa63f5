import type { CompleteClock } from '../../core/time/clock.js'
import { untilAborted } from '../../core/time/until-aborted.js'
import { askContainer, containerUrl } from './container.js'
import { type Credentials, credentialsError, isSendable, unsendable } from './credentials.js'
import { expiringCredentials } from './expiring-credentials.js'

const useTheSdk =
  'For profiles, SSO, web identity and instance roles use the AWS SDK: the SecretCache of awscurrent, without a source.'

const unsetProfile = 'Unset AWS_PROFILE to use the keys in the environment, which the SDK ignores beside it.'

const keyVariables = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN']

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
      const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken } = env
      const hasKeys = accessKeyId && secretAccessKey
      if (env.AWS_PROFILE) throw noCredentialsIn('AWS_PROFILE', hasKeys ? unsetProfile : useTheSdk)
      if (hasKeys) {
        const wrong = keyVariables.find(name => env[name] && !isSendable(env[name]))
        if (wrong !== undefined) throw unsendable(wrong)
        return { accessKeyId, secretAccessKey, sessionToken }
      }
      // The SDK follows it before it asks the container.
      if (env.AWS_WEB_IDENTITY_TOKEN_FILE) throw noCredentialsIn('AWS_WEB_IDENTITY_TOKEN_FILE')
      if (containerUrl(env) === undefined) throw noCredentialsIn('The environment')
      return untilAborted(container.get(), signal)
    },
    forget: container.forget,
  }
}

function noCredentialsIn(name: string, hint = useTheSdk): Error {
  return credentialsError(`${name} gives liteSource no credentials.`, hint)
}
