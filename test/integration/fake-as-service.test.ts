import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { FakeSecretsManager } from '../../src/testing/index.js'
import { describeService } from '../support/service-behaviours.js'

describeService('the cache on the fake over HTTP', async () => {
  const fake = new FakeSecretsManager()
  const { endpoint, close: closeServer } = await fake.listen()
  const credentials = { accessKeyId: 'nobody', secretAccessKey: 'nothing' }
  const client = new SecretsManagerClient({ endpoint, region: fake.region, credentials })
  return {
    client,
    async close() {
      client.destroy()
      await closeServer()
    },
  }
})
