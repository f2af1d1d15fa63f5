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
import { statementsOfKey, statementsOfPolicy } from './deploy-function.js'
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

test('the key is for the topic of the rule alone, by what SNS tells KMS, and for what SNS sends for this account', async () => {
  const statements = await statementsOfKey(outputs.KeyArn!)
  expect(statements.filter(({ Principal }) => Principal?.Service)).toMatchObject([
    {
      Principal: { Service: 'events.amazonaws.com' },
      Condition: { StringEquals: { 'kms:EncryptionContext:aws:sns:topicArn': outputs.TopicArn } },
    },
    {
      Principal: { Service: 'sns.amazonaws.com' },
      Condition: { StringEquals: { 'aws:SourceAccount': outputs.TopicArn!.split(':')[4] } },
    },
  ])
})

test('the reader may read one secret by its whole name, and its current and pending version only', async () => {
  const [read, ...others] = await statementsOfPolicy(outputs.ReaderPolicyArn!)
  expect(others).toEqual([])
  expect(read).toMatchObject({
    Action: 'secretsmanager:GetSecretValue',
    Resource: expect.stringMatching(/^arn:aws:secretsmanager:eu-west-1:\d{12}:secret:prod\/db-\?{6}$/),
    Condition: { 'ForAnyValue:StringEquals': { 'secretsmanager:VersionStage': ['AWSCURRENT', 'AWSPENDING'] } },
  })
})

test('who listens to the queue may decrypt through SQS only', async () => {
  const decrypt = (await statementsOfPolicy(outputs.GivenQueuePolicyArn!)).find(({ Action }) => Action === 'kms:Decrypt')
  expect(decrypt?.Condition).toEqual({ StringEquals: { 'kms:ViaService': 'sqs.eu-west-1.amazonaws.com' } })
})

test('the webhook may subscribe its own URL and nothing else', async () => {
  const statements = await statementsOfPolicy(outputs.SnsHandlerPolicyArn!)
  const subscribe = statements.filter(({ Action }) => [Action].flat().includes('sns:Subscribe'))
  expect(subscribe).toMatchObject([
    {
      Action: 'sns:Subscribe',
      Resource: outputs.TopicArn,
      Condition: { StringEquals: { 'sns:Protocol': 'https', 'sns:Endpoint': 'https://orders.example.com/sns' } },
    },
  ])
})

test('neither file names a partition or the domain of one, but for the names of services', () => {
  for (const text of [template, terraform]) {
    expect(text).not.toMatch(/arn:aws/)
    expect(text.replaceAll(/\b(events|sns)\.amazonaws\.com/g, '')).not.toContain('amazonaws')
  }
})

test('both files say that the rule hears nothing of a deletion, and read no attribute that Terraform has deprecated', () => {
  for (const text of [template, terraform]) expect(text).toMatch(/no such event when a secret is deleted or restored/)
  expect(terraform).not.toMatch(/aws_region\.\w+\.(name|id)\b/)
})

test('CloudFormation and Terraform grant the same actions, on the same conditions', () => {
  const actionsIn = (text: string) => [...new Set(text.match(/\b(sqs|sns|kms|secretsmanager):[A-Z*][A-Za-z]*\*?/g))].sort()
  expect(actionsIn(terraform)).toEqual(actionsIn(template))
  const sids = (text: string) => [...text.matchAll(/^ +(?:- S|s)id:? *=? *"?(\w+)"?$/gim)].map(([, sid]) => sid).sort()
  expect(sids(terraform)).toEqual(sids(template))
  const keys = (text: string) =>
    (text.match(/\b(aws:Source\w+|kms:(ViaService|EncryptionContext:aws:sns:topicArn))/g) ?? []).sort()
  expect(keys(terraform)).toEqual(keys(template))
})
