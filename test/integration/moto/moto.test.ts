import { randomUUID } from 'node:crypto'
import { CreateSecretCommand, GetSecretValueCommand } from '@aws-sdk/client-secrets-manager'
import { afterAll, expect, test } from 'vitest'
import { motoClient } from './client.js'

const client = motoClient()
afterAll(() => client.destroy())

test('moto answers the real SDK with the secret that was created', async () => {
  const name = `prod/${randomUUID()}`
  const { ARN, VersionId } = await client.send(new CreateSecretCommand({ Name: name, SecretString: 'open sesame' }))
  const answer = await client.send(new GetSecretValueCommand({ SecretId: name, VersionStage: 'AWSCURRENT' }))
  expect(answer).toMatchObject({ ARN, Name: name, VersionId, SecretString: 'open sesame', VersionStages: ['AWSCURRENT'] })
})
