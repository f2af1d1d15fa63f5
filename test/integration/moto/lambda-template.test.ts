import { randomUUID } from 'node:crypto'
import { DescribeRuleCommand, ListRuleNamesByTargetCommand } from '@aws-sdk/client-eventbridge'
import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager'
import { afterAll, expect, test } from 'vitest'
import { rotationEventPattern } from '../../../src/core/rotations/rotation-event-pattern.js'
import { motoClient } from './client.js'
import { call, deployFunction } from './deploy-function.js'
import { eventBridgeClient } from './signal-clients.js'

const client = motoClient()
afterAll(() => client.destroy())

test('the template of the example deploys a function that may read its secret and hears of its rotations', async () => {
  const name = randomUUID()
  const { ARN = '' } = await client.send(new CreateSecretCommand({ Name: name, SecretString: 'one' }))
  const { stack, functionArn, statements } = await deployFunction('examples/lambda-function/template.yaml', {
    name,
    SecretArn: ARN,
  })
  expect(stack).toContain('<StackStatus>CREATE_COMPLETE</StackStatus>')

  const { RuleNames } = await eventBridgeClient.send(new ListRuleNamesByTargetCommand({ TargetArn: functionArn }))
  const rule = await eventBridgeClient.send(new DescribeRuleCommand({ Name: RuleNames?.[0] }))
  expect(JSON.parse(rule.EventPattern ?? '')).toEqual(rotationEventPattern({ arns: [ARN] }))
  expect(statements).toMatchObject([
    { Action: 'lambda:InvokeFunction', Principal: { Service: 'events.amazonaws.com' }, Resource: functionArn },
  ])

  const made = JSON.parse(await call('lambda', { path: `/2015-03-31/functions/${functionArn}`, method: 'GET' })).Configuration
  expect(made.Environment.Variables).toEqual({ SECRET_ID: ARN })
  const RoleName = made.Role.split('/').at(-1)
  const policy = await call('iam', { body: new URLSearchParams({ Action: 'GetRolePolicy', RoleName, PolicyName: 'read' }) })
  expect(policy).toContain('secretsmanager:GetSecretValue')
  expect(policy).toContain(ARN)
})
