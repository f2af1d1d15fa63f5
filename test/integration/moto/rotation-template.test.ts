import { randomUUID } from 'node:crypto'
import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager'
import { afterAll, expect, test } from 'vitest'
import { motoClient } from './client.js'
import { call, deployFunction } from './deploy-function.js'

const client = motoClient()
afterAll(() => client.destroy())

// moto passes over the rotation schedule; all else it makes.
test('the template of the example deploys, lets Secrets Manager call the function, and the function touch only what it rotates', async () => {
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

  const { Configuration } = JSON.parse(await call('lambda', { path: `/2015-03-31/functions/${functionArn}`, method: 'GET' }))
  const RoleName = Configuration.Role.split('/').at(-1)
  const answer = await call('iam', { body: new URLSearchParams({ Action: 'GetRolePolicy', RoleName, PolicyName: 'rotate' }) })
  const [, document = ''] = /<PolicyDocument>([^<]+)</.exec(answer) ?? []
  const [own, master] = JSON.parse(decodeURIComponent(document)).Statement
  expect(own.Condition).toEqual({ StringEquals: { 'secretsmanager:resource/AllowRotationLambdaArn': functionArn } })
  expect(master.Action).toEqual(['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'])
})
