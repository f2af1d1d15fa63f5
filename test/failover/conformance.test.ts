import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { describe, it } from 'vitest'
import { failoverSource } from '../../src/failover/index.js'
import { describeSource, FakeSecretsManager } from '../../src/testing/index.js'
import { environmentOf } from '../support/environment-of.js'

describeSource(
  { describe, it },
  {
    title: 'failoverSource of one source',
    open() {
      const fake = new FakeSecretsManager()
      return environmentOf([fake], failoverSource([fake.source()]))
    },
  },
)

describeSource(
  { describe, it },
  {
    title: 'failoverSource of two clients of the SDK',
    async open() {
      const fakes = ['eu-west-1', 'eu-central-1'].map(region => new FakeSecretsManager({ region }))
      const servers = await Promise.all(fakes.map(fake => fake.listen()))
      const credentials = { accessKeyId: 'nobody', secretAccessKey: 'nothing' }
      const clients = fakes.map(
        ({ region }, index) =>
          new SecretsManagerClient({ region, credentials, endpoint: servers[index]?.endpoint ?? '', maxAttempts: 1 }),
      )
      return environmentOf(fakes, failoverSource(clients), async () => {
        for (const client of clients) client.destroy()
        for (const server of servers) await server.close()
      })
    },
  },
)
