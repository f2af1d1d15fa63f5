import { SSMClient } from '@aws-sdk/client-ssm'
import { onTestFinished } from 'vitest'
import type { FakeParameterStore } from '../../../src/testing/index.js'

/** The real SDK's client for an endpoint. It makes one attempt, so that calls can be counted. */
export function ssmClient(endpoint: string): SSMClient {
  const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example' }
  return new SSMClient({ region: 'eu-west-1', endpoint, credentials, maxAttempts: 1 })
}

/** The real SDK's client, talking HTTP to the fake until the test ends. */
export async function ssmFor(fake: FakeParameterStore): Promise<SSMClient> {
  const server = await fake.listen()
  const client = ssmClient(server.endpoint)
  onTestFinished(async () => {
    client.destroy()
    await server.close()
  })
  return client
}
