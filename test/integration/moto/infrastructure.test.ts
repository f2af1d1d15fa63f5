import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation'
import { DescribeRuleCommand, ListTargetsByRuleCommand } from '@aws-sdk/client-eventbridge'
import { GetTopicAttributesCommand, PublishCommand, SubscribeCommand } from '@aws-sdk/client-sns'
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs'
import { beforeAll, expect, inject, test, vi } from 'vitest'
import { rotationEventPattern } from '../../../src/core/rotations/rotation-event-pattern.js'
import { listenToQueue } from '../../../src/sqs/index.js'
import { nativeEvent } from '../../support/rotation-events.js'
import { eventBridgeClient, snsClient, sqsClient } from './signal-clients.js'

const template = readFileSync('examples/infra/rotations.cloudformation.yaml', 'utf8')
const terraform = readFileSync('examples/infra/main.tf', 'utf8')
/** moto passes over these three. */
const notInMoto = ['AWS::SNS::TopicPolicy', 'AWS::SQS::QueuePolicy', 'AWS::SNS::Subscription']

/** No other test puts events of such secrets: moto, which all tests share, breaks off at a rule with a topic for its target. */
const prefix = 'infrastructure/'

const client = new CloudFormationClient({
  endpoint: inject('motoEndpoint'),
  region: 'eu-west-1',
  credentials: { accessKeyId: 'nobody', secretAccessKey: 'nothing' },
})
const outputs: Record<string, string> = {}
const ids: Record<string, string> = {}
const typesMade: string[] = []

beforeAll(async () => {
  const StackName = `rotations-${randomUUID()}`
  const Parameters = [{ ParameterKey: 'SecretNamePrefix', ParameterValue: prefix }]
  await client.send(new CreateStackCommand({ StackName, TemplateBody: template, Parameters, Capabilities: ['CAPABILITY_IAM'] }))
  const { Stacks } = await client.send(new DescribeStacksCommand({ StackName }))
  expect(Stacks?.[0]?.StackStatus).toBe('CREATE_COMPLETE')
  for (const { OutputKey = '', OutputValue = '' } of Stacks?.[0]?.Outputs ?? []) outputs[OutputKey] = OutputValue
  const { StackResources = [] } = await client.send(new DescribeStackResourcesCommand({ StackName }))
  for (const { LogicalResourceId = '', PhysicalResourceId = '', ResourceType = '' } of StackResources) {
    ids[LogicalResourceId] = PhysicalResourceId
    typesMade.push(ResourceType)
  }
})

test('every type of resource in the template is made, but those that moto does not know', () => {
  const types = new Set([...template.matchAll(/^ {4}Type: (AWS::\S+)$/gm)].map(([, type]) => type))
  expect([...types].filter(type => !typesMade.includes(type!)).sort()).toEqual([...notInMoto].sort())
})

test("the rule has the pattern of the library, sends to the topic, and keeps what can't be sent", async () => {
  const Name = ids.Rule!.split('/').at(-1)!
  const rule = await eventBridgeClient.send(new DescribeRuleCommand({ Name }))
  expect(JSON.parse(rule.EventPattern ?? '')).toEqual(rotationEventPattern({ prefix }))
  const { Targets } = await eventBridgeClient.send(new ListTargetsByRuleCommand({ Rule: Name }))
  expect(Targets).toMatchObject([{ Arn: outputs.TopicArn, DeadLetterConfig: { Arn: expect.stringContaining(':sqs:') } }])
})

test('the topic is encrypted by the key', async () => {
  const { Attributes } = await snsClient.send(new GetTopicAttributesCommand({ TopicArn: outputs.TopicArn }))
  expect(Attributes).toMatchObject({ KmsMasterKeyId: outputs.KeyArn })
})

test('the queue is encrypted, and sets poisonous messages apart', async () => {
  const { Attributes = {} } = await sqsClient.send(
    new GetQueueAttributesCommand({ QueueUrl: outputs.QueueUrl, AttributeNames: ['All'] }),
  )
  expect(Attributes).toMatchObject({ KmsMasterKeyId: outputs.KeyArn, ReceiveMessageWaitTimeSeconds: '20' })
  expect(JSON.parse(Attributes.RedrivePolicy ?? '')).toMatchObject({ maxReceiveCount: 10 })
})

test('what is published to the topic reaches who listens to the queue', async () => {
  const cache = { handleRotationEvent: vi.fn(async () => []), revalidate: () => {} }
  // What the template's Subscription does, which moto passes over.
  await snsClient.send(new SubscribeCommand({ TopicArn: outputs.TopicArn, Protocol: 'sqs', Endpoint: outputs.QueueArn }))
  await using _listener = await listenToQueue(cache, { queueUrl: outputs.QueueUrl!, client: sqsClient })
  await snsClient.send(new PublishCommand({ TopicArn: outputs.TopicArn, Message: JSON.stringify(nativeEvent()) }))
  await vi.waitFor(() => expect(cache.handleRotationEvent).toHaveBeenCalledTimes(1), 10_000)
})

test('CloudFormation and Terraform grant the same actions', () => {
  const actionsIn = (text: string) => [...new Set(text.match(/\b(sqs|sns|kms|secretsmanager):[A-Z*][A-Za-z]*\*?/g))].sort()
  expect(actionsIn(terraform)).toEqual(actionsIn(template))
})
