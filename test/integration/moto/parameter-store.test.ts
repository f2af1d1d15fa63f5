import { CreateSecretCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager'
import { inject } from 'vitest'
import { describeParameterStore } from '../../support/parameter-store/behaviours.js'
import { ssmClient } from '../../testing/parameter-store/support.js'
import { motoClient } from './client.js'

describeParameterStore('Parameter Store of moto', {
  isMoto: true,
  async open() {
    const client = ssmClient(inject('motoEndpoint'))
    const secrets = motoClient()
    return {
      client,
      async createSecret(name, value) {
        const { ARN = '', VersionId = '' } = await secrets.send(new CreateSecretCommand({ Name: name, SecretString: value }))
        return { arn: ARN, versionId: VersionId }
      },
      async putSecret(name, value) {
        await secrets.send(new PutSecretValueCommand({ SecretId: name, SecretString: value }))
      },
      async close() {
        client.destroy()
        secrets.destroy()
      },
    }
  },
})
