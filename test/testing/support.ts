import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { onTestFinished } from 'vitest'
import type { FakeSecretsManager } from '../../src/testing/index.js'

/** The real SDK's client, talking HTTP to the fake until the test ends. It makes one attempt, so that calls can be counted. */
export async function sdkFor(fake: FakeSecretsManager): Promise<SecretsManagerClient> {
  const server = await fake.listen()
  const sdk = new SecretsManagerClient({
    region: fake.region,
    endpoint: server.endpoint,
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example' },
    maxAttempts: 1,
  })
  onTestFinished(async () => {
    sdk.destroy()
    await server.close()
  })
  return sdk
}

/** What a rejected promise rejected with. */
export async function rejectionOf(
  promise: Promise<unknown>,
): Promise<Error & { code?: string; $metadata?: { httpStatusCode?: number } }> {
  const outcome = await promise.then(
    () => undefined,
    (error: unknown) => error,
  )
  if (outcome instanceof Error) return outcome
  throw new Error('The promise should have been rejected with an Error.')
}
