import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { FakeSecretsManager, type FakeServer } from '../../src/testing/index.js'
import { type LambdaFunction, startFunction } from '../support/lambda-function.js'

const id = 'prod/key'
const timeoutMs = 500
/** Longer than a Region may take, by so much that the process must have been asleep. */
const freezeMs = 1_700

vi.setConfig({ testTimeout: 20_000 })

let regions: FakeSecretsManager[]
let servers: FakeServer[]
let lambda: LambdaFunction

beforeEach(async () => {
  regions = ['eu-west-1', 'eu-central-1'].map(region => new FakeSecretsManager({ region, secrets: { [id]: 'one' } }))
  servers = await Promise.all(regions.map(fake => fake.listen()))
})

afterEach(async () => {
  await lambda[Symbol.asyncDispose]()
  for (const server of servers) await server.close()
})

it('what is frozen while the primary answers is no outage: the replica is not asked', async () => {
  const [primary, replica] = regions as [FakeSecretsManager, FakeSecretsManager]
  primary.inject({ delayMs: 200 })
  const addresses = regions.map(({ region }, n) => ({ region, endpoint: servers[n]?.endpoint }))
  lambda = await startFunction(
    `import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
     import { SecretCache } from 'awscurrent'
     import { failoverSource } from 'awscurrent/failover'
     import { withSecrets } from 'awscurrent/lambda'
     const clients = ${JSON.stringify(addresses)}.map(address => new SecretsManagerClient(address))
     const source = failoverSource(clients, { timeoutMs: ${timeoutMs} })
     const secrets = new SecretCache({ source, ttlMs: 1, ttlJitter: 0, staleWhileRevalidateMs: 0 })
     let early = secrets.getSecretString('${id}')
     const handler = withSecrets(secrets, async () => {
       const read = early ?? secrets.getSecretString('${id}')
       early = undefined
       await read
       // As a library does that goes on when the handler is through.
       setTimeout(() => { early = secrets.getSecretString('${id}') }, 5)
       return await read
     })`,
    { AWS_ACCESS_KEY_ID: 'nobody', AWS_SECRET_ACCESS_KEY: 'nothing', NODE_NO_WARNINGS: '1' },
  )
  for (let round = 0; round < 3; round += 1) {
    await vi.waitFor(() => expect(primary.count()).toBe(round + 1))
    lambda.freeze()
    await new Promise(resolve => setTimeout(resolve, freezeMs))
    expect(await lambda.invoke()).toBe('one')
  }
  expect(replica.count()).toBe(0)
})
