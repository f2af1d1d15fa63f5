import type { SSMClient } from '@aws-sdk/client-ssm'
import { FakeParameterStore, FakeSecretsManager } from '../../../src/testing/index.js'
import { describeParameterStore } from '../../support/parameter-store/behaviours.js'
import type { ParameterService } from '../../support/parameter-store/scene.js'
import { ssmClient } from './support.js'

describeParameterStore('FakeParameterStore in process', {
  async open() {
    const { fake, ...secrets } = newFake()
    return { client: fake.client() as unknown as SSMClient, ...secrets, close: async () => {} }
  },
})

describeParameterStore('FakeParameterStore over HTTP', {
  async open() {
    const { fake, ...secrets } = newFake()
    const server = await fake.listen()
    const client = ssmClient(server.endpoint)
    const close = async (): Promise<void> => {
      client.destroy()
      await server.close()
    }
    return { client, ...secrets, close }
  },
})

function newFake(): { fake: FakeParameterStore } & Pick<ParameterService, 'createSecret' | 'putSecret'> {
  const secrets = new FakeSecretsManager()
  return {
    fake: new FakeParameterStore({ secrets }),
    createSecret: async (name, value) => secrets.create(name, value),
    putSecret: async (name, value) => {
      secrets.put(name, value)
    },
  }
}
