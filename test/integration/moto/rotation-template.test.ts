import { randomUUID } from 'node:crypto'
import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager'
import { afterAll, expect, test } from 'vitest'
import { motoClient } from './client.js'
import { deployFunction } from './deploy-function.js'

const client = motoClient()
afterAll(() => client.destroy())

// moto passes over the rotation schedule; all else it makes.
test('the template of the example deploys, and lets Secrets Manager call the function', async () => {
  const name = randomUUID()
  const SecretString = JSON.stringify({ engine: 'postgres', host: 'db.example', username: 'app', password: 'one' })
  const { ARN } = await client.send(new CreateSecretCommand({ Name: name, SecretString }))
  const { stack, functionArn, statements } = await deployFunction('examples/rotation-lambda/template.yaml', {
    name,
    SecretArn: String(ARN),
    MasterSecretArn: String(ARN),
    SubnetIds: 'subnet-1',
    SecurityGroupIds: 'sg-1',
  })
  expect(stack).toContain('<StackStatus>CREATE_COMPLETE</StackStatus>')
  expect(statements).toMatchObject([
    { Action: 'lambda:InvokeFunction', Principal: { Service: 'secretsmanager.amazonaws.com' }, Resource: functionArn },
  ])
})
