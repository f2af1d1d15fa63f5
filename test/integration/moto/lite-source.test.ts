import { CreateSecretCommand, DeleteSecretCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager'
import { describe, inject, it } from 'vitest'
import { liteSource } from '../../../src/lite/index.js'
import { describeSource } from '../../../src/testing/index.js'
import { withEnv } from '../../lite/support.js'
import { motoClient } from './client.js'

withEnv()

describeSource(
  { describe, it },
  {
    title: 'liteSource on moto',
    open() {
      const client = motoClient()
      const source = liteSource({ region: 'eu-west-1', endpoint: inject('motoEndpoint') })
      return {
        source,
        async create(name, value) {
          const input = typeof value === 'string' ? { SecretString: value } : { SecretBinary: value }
          const { ARN = '', VersionId = '' } = await client.send(new CreateSecretCommand({ Name: name, ...input }))
          return { arn: ARN, versionId: VersionId }
        },
        async put(secretId, value) {
          const { VersionId = '' } = await client.send(new PutSecretValueCommand({ SecretId: secretId, SecretString: value }))
          return { versionId: VersionId }
        },
        async scheduleDeletion(secretId) {
          await client.send(new DeleteSecretCommand({ SecretId: secretId }))
        },
        async close() {
          client.destroy()
          await source.close()
        },
      }
    },
  },
)
