import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { inject } from 'vitest'

/** A real SDK client that talks to moto. */
export function motoClient(): SecretsManagerClient {
  return new SecretsManagerClient({
    endpoint: inject('motoEndpoint'),
    region: 'eu-west-1',
    credentials: { accessKeyId: 'nobody', secretAccessKey: 'nothing' },
    maxAttempts: 1,
  })
}
